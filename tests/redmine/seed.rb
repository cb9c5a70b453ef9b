# Fills a Redmine that has its default data: `rails runner seed.rb`.
#
# All people are users: those of the group Agents are agents, the others contacts. Two agents and one who was
# locked, 320 contacts and one who was locked, a public project `support`, two issues of the first contact, one of
# them with a note. The administrator `bridge` is the bridge's user; its API key goes into the file `key`, the number
# of the group into `group`. All contacts of an import have one and the same time of creation.
CONTACTS = 320
BURST = 250
START = Time.utc(2026, 5, 1, 7)

def user(login, first, last, **more)
  fields = more.delete(:fields)
  made = User.new(firstname: first, lastname: last, mail: "#{login}@example.com", language: 'en', **more)
  made.login = login
  made.random_password
  made.custom_field_values = fields if fields
  made.save!
  made
end

# Redmine sends mail in a thread of its own, whose reading locks SQLite's file against a commit; and whoever waits for
# that lock lets no other thread run, until it is told "database is locked". No mail is sent here, and with a
# write-ahead log (which the file remembers, for the server too) who reads stops nobody who writes.
ActiveJob::Base.queue_adapter = :test
ActiveRecord::Base.connection.execute('PRAGMA journal_mode = WAL')
Setting.rest_api_enabled = '1'
Setting.host_name = 'redmine.example.com'
Setting.notified_events = []
phone, _mobile, company = %w[Phone Mobile Company].map do |name|
  UserCustomField.create!(name: name, field_format: 'string', is_filter: true, visible: true)
end
group = Group.create!(name: 'Agents')
bridge = user('bridge', 'Talkdesk', 'Bridge', admin: true)
agents = %w[olivia tim gone].map { |name| user(name, name.capitalize, 'Smith') }
agents.each { |agent| group.users << agent }
agents.last.lock!

contacts = ActiveRecord::Base.transaction do
  (1..CONTACTS).map do |number|
    fields = {phone.id => format('+1 415 555 %04d', number), company.id => number.odd? ? 'Example Inc' : ''}
    contact = user("contact#{number}", 'Contact', format('%04d', number), fields: fields)
    at = START + [0, number - BURST].max
    contact.update_columns(created_on: at, updated_on: at)
    contact
  end
end
user('left', 'Left', 'Long ago').lock!

modules = %w[issue_tracking]
project = Project.create!(name: 'Support', identifier: 'support', is_public: true, trackers: Tracker.all.to_a,
                          enabled_module_names: modules)
Member.create!(project: project, principal: agents.first, roles: [Role.givable.first])
subjects = {'It does not start' => 'New', 'A question' => 'Closed'}
issues = subjects.map do |subject, status|
  Issue.create!(project: project, tracker: project.trackers.first, author: contacts.first, subject: subject,
                description: "#{subject}.\nPlease help.", priority: IssuePriority.default,
                status: IssueStatus.find_by!(name: status))
end
first = issues.first.reload
first.init_journal(agents.first, 'We look at it.')
first.save!

File.write(Rails.root.join('key'), bridge.api_key, perm: 0o600)
File.write(Rails.root.join('group'), group.id.to_s)
