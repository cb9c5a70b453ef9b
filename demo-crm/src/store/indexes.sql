-- The expression scatters rows with one stamp, as far from the order of ids as possible: no client
-- can come to rely on that order. It is repeated, literally, where the list is sorted.
CREATE INDEX contacts_updated ON contacts (updated_at, (id * 2654435761 % 4294967291));
CREATE INDEX emails_address ON contact_emails (address);
CREATE INDEX phones_last9 ON contact_phones (last9);
CREATE INDEX tickets_contact ON tickets (contact_id, created_at);
CREATE INDEX notes_contact ON notes (contact_id, created_at);
CREATE INDEX calls_contact ON calls (contact_id, started_at);
