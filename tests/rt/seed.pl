#!/usr/bin/perl
# Fills an RT that rt-setup-database-5 has made: `seed.pl [CONTACTS]`, with RT's own environment variables.
#
# All people are users: privileged ones are agents, the others contacts. Two agents and one who left, the
# contacts and one who was disabled, a queue `Support`, two tickets of the first contact, one of them answered.
# The user `bridge` has the rights that the manifest's README names; its token goes into the file `token`.
# The first BURST contacts have one and the same stamp (more than a page of the manifest), the others have a
# second each, as an import followed by daily work leaves them.
use strict;
use warnings;
use utf8;

use constant BURST => 250;
use Time::Local 'timegm';

use lib '/usr/share/request-tracker5/lib';
use RT -init;
use MIME::Entity;

my $contacts = shift // 320;
$RT::Handle->dbh->do('PRAGMA synchronous = OFF');

sub user {
    my $user = RT::User->new(RT->SystemUser);
    my ($id, $message) = $user->Create(@_);
    die $message unless $id;
    return $user;
}

my @agents = map {
    user(Name => $_, EmailAddress => "$_\@example.com", RealName => ucfirst($_) . ' Smith', Privileged => 1)
} qw(olivia tim gone);
$agents[2]->SetDisabled(1);

my @contacts = map {
    user(
        Name         => "contact$_",
        EmailAddress => "contact$_\@example.com",
        RealName     => sprintf('Contact %04d', $_),
        WorkPhone    => sprintf('+1 415 555 %04d', $_),
        Organization => $_ % 2 ? 'Example Inc' : '',
    )
} 1 .. $contacts;
user(Name => 'left', EmailAddress => 'left@example.com')->SetDisabled(1);

my $queue = RT::Queue->new(RT->SystemUser);
my ($id, $message) = $queue->Create(Name => 'Support', CorrespondAddress => 'support@example.com');
die $message unless $id;

for my $it (['A question', 'resolved'], ['It does not start', 'open']) {
    my ($subject, $status) = @$it;
    my $ticket = RT::Ticket->new(RT->SystemUser);
    my ($id, undef, $message) = $ticket->Create(
        Queue     => 'Support',
        Subject   => $subject,
        Requestor => $contacts[0]->id,
        MIMEObj   => MIME::Entity->build(Type => 'text/plain', Data => ["$subject.\nPlease help."]),
    );
    die $message unless $id;
    $ticket->Correspond(Content => 'We look at it.') if $status eq 'open';
    $ticket->SetStatus($status);
}

my $bridge = user(Name => 'bridge', EmailAddress => 'bridge@example.com', Privileged => 1);
for my $right (qw(AdminUsers SeeGroup SeeQueue ShowTicket ShowTicketComments CreateTicket CommentOnTicket ModifyTicket)) {
    my ($ok, $message) = $bridge->PrincipalObj->GrantRight(Right => $right, Object => RT->System);
    die "$right: $message" unless $ok;
}
my ($ok, $problem) = RT->PrivilegedUsers->PrincipalObj->GrantRight(Right => 'OwnTicket', Object => RT->System);
die $problem unless $ok;
my $token = RT::AuthToken->new(RT->SystemUser);
my ($made, $error, $text) = $token->Create(Owner => $bridge->id, Description => 'Talkdesk');
die $error unless $made;
open my $file, '>', "$ENV{RT_FOLDER}/token" or die $!;
print $file $text;
close $file or die $!;

my $start = timegm(0, 0, 7, 1, 4, 2026);
for my $position (1 .. @contacts) {
    my @at = gmtime($start + ($position > BURST ? $position - BURST : 0));
    my $stamp = sprintf('%04d-%02d-%02d %02d:%02d:%02d', $at[5] + 1900, $at[4] + 1, @at[3, 2, 1, 0]);
    $RT::Handle->dbh->do('UPDATE Users SET LastUpdated = ? WHERE id = ?', undef, $stamp, $contacts[$position - 1]->id);
}
