-- What the homeserver was last seen to hold.
--
-- `seen` orders the facts about one thing: origin_server_ts in ms * 65536 + 16 bits of the event id,
-- so that of two facts the same one wins in whatever order they arrive. Text is compared by bytes
-- (COLLATE "C"): ids are no words, and a plan reads rooms in that order.

CREATE TABLE room (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id text COLLATE "C" NOT NULL UNIQUE,
    key text COLLATE "C",            -- what our key event says, null without one
    claimed bigint NOT NULL DEFAULT 0,   -- `seen` of the fact that `key` is from
    version text NOT NULL DEFAULT '',
    ours boolean,                    -- made by our bot; null until the create event was seen
    bot_in boolean NOT NULL DEFAULT true,
    kept boolean NOT NULL DEFAULT false, -- ours, with a key, the bot in it, and the latest with that key
    state_digest bit(128) NOT NULL DEFAULT repeat('0', 128)::bit(128),
    met timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX room_kept_key ON room (key) WHERE kept;
CREATE INDEX room_key ON room (key) WHERE key IS NOT NULL;
CREATE INDEX room_not_ours ON room (met) WHERE ours IS NOT TRUE;

CREATE TABLE room_state (
    room integer NOT NULL REFERENCES room ON DELETE CASCADE,
    type text COLLATE "C" NOT NULL,
    state_key text COLLATE "C" NOT NULL,
    content text NOT NULL,           -- canonical JSON; '{}' stands for absent
    digest bit(128) NOT NULL,        -- of type, state key and content; zero when absent
    seen bigint NOT NULL,
    PRIMARY KEY (room, type, state_key)
);

CREATE TABLE room_member (
    room integer NOT NULL REFERENCES room ON DELETE CASCADE,
    user_id text COLLATE "C" NOT NULL,
    membership text NOT NULL,        -- join, invite, knock, ban, leave
    seen bigint NOT NULL,
    PRIMARY KEY (room, user_id)
);

CREATE TABLE account (
    user_id text COLLATE "C" PRIMARY KEY,
    display_name text NOT NULL,
    external_ids text NOT NULL,      -- JSON: [[provider, id], ...]
    active boolean NOT NULL
);

-- Transactions of the homeserver that were taken. The digest tells a repeated transaction from the
-- first ones of a homeserver that was set up anew and counts from the beginning.
CREATE TABLE inbox (
    transaction_id text COLLATE "C" PRIMARY KEY,
    digest bytea NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_taken_at ON inbox (taken_at);
