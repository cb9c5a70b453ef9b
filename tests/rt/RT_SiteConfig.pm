# The configuration of a test's Request Tracker: everything in the folder RT_FOLDER, and no mail leaves it.
use utf8;
Set($rtname, 'tests');
Set($Organization, 'tests.example.com');
# The public address is another one than that of the tests, as behind a reverse proxy.
Set($WebDomain, 'rt.example.com');
Set($WebPort, 443);
Set($DatabaseType, 'SQLite');
Set($DatabaseName, "$ENV{RT_FOLDER}/rt.db");
Set($MasonDataDir, "$ENV{RT_FOLDER}/mason");
Set($MasonSessionDir, "$ENV{RT_FOLDER}/sessions");
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'warning');
Set($MailCommand, 'sendmailpipe');
# It reads a letter and prints nothing.
Set($SendmailPath, '/bin/sed');
Set($SendmailArguments, '-n d');
Set($Timezone, 'UTC');
# Every call is checked against a hash, which takes 0.2 s of a processor in the 12 rounds that are usual.
Set($BcryptCost, 5);
1;
