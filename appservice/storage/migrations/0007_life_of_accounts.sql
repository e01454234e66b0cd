-- How an account stands, and what is remembered of it for the day its person is gone.
ALTER TABLE account
    ADD COLUMN standing text NOT NULL DEFAULT 'active',      -- active, suspended, deactivated
    ADD COLUMN server_admin boolean NOT NULL DEFAULT false,  -- of the homeserver
    ADD COLUMN left_on date,                                 -- suspended since; null while in use
    ADD COLUMN graduate boolean NOT NULL DEFAULT false,      -- last seen in the highest grade
    ADD COLUMN administered text[] COLLATE "C" NOT NULL DEFAULT '{}'; -- schools, as last seen
UPDATE account SET standing = 'deactivated' WHERE NOT active;
ALTER TABLE account DROP COLUMN active;
