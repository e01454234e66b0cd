-- The contact policy that the homeserver was last given (appservice.contacts), to send only what
-- changes and to leave alone what a delivery with errors does not tell.

CREATE TABLE community_policy (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    tried bigint NOT NULL DEFAULT 0,     -- the highest version that was ever sent
    version bigint NOT NULL DEFAULT 0,   -- the one that the homeserver took; 0: none yet
    digest text NOT NULL DEFAULT '',
    around jsonb NOT NULL DEFAULT '{}',  -- circle: ids of the class or groups it is around
    rules text NOT NULL DEFAULT '',      -- digest of the rules in it
    checked_at timestamptz               -- when it was last compared with the roster and the day
);
INSERT INTO community_policy DEFAULT VALUES;

CREATE TABLE community_person (
    user_id text COLLATE "C" PRIMARY KEY,
    digest bytea NOT NULL,               -- of the entry
    entry text NOT NULL                  -- canonical JSON: roles, language, circles
);
