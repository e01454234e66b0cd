-- Of a source that stopped because too much was gone at once: the stamp of the files that said so,
-- and the one that an administrator accepted.
ALTER TABLE diary_pull
    ADD COLUMN stopped text NOT NULL DEFAULT '',
    ADD COLUMN accepted text NOT NULL DEFAULT '';
