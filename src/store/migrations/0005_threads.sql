-- Where in a thread a post stands, as its platform says: a JSON object with `first` (the post that begins it) and `position`.

ALTER TABLE snapshots ADD COLUMN thread TEXT;
