#!/usr/bin/perl
# Takes a global right of the user `bridge` away: `withdraw.pl RIGHT`, with RT's own environment variables.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;

my $bridge = RT::User->new(RT->SystemUser);
$bridge->Load('bridge');
my ($ok, $message) = $bridge->PrincipalObj->RevokeRight(Right => shift, Object => RT->System);
die $message unless $ok;
