-- The roster that was accepted last: what must be true, for every process that asks. One row.
CREATE TABLE standing (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint NOT NULL,
    accepted_at timestamptz NOT NULL,
    namespace text NOT NULL,             -- of person ids
    delivery bytea NOT NULL              -- JSON, zlib (appservice.storage.standing)
);

-- What people in charge decided beyond the roster: mutes, bans, locked rooms.
CREATE TABLE measure (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,                  -- mute, ban, lock
    school_id text NOT NULL,
    room text COLLATE "C" NOT NULL,      -- room key; '' for every room of the school
    user_id text COLLATE "C" NOT NULL,   -- '' where it concerns the room itself
    given_by text NOT NULL,              -- user id
    reason text NOT NULL DEFAULT '',
    began_at timestamptz NOT NULL,
    until timestamptz,                   -- null: until somebody lifts it
    lifted_at timestamptz,
    lifted_by text
);
CREATE INDEX measure_in_force ON measure (until) WHERE lifted_at IS NULL;

-- What happened in kept rooms and looks like drift, until it was judged.
CREATE TABLE inbound_event (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id text COLLATE "C" NOT NULL,
    type text NOT NULL,
    state_key text NOT NULL,
    content text NOT NULL,               -- JSON
    sender text NOT NULL,
    event_id text NOT NULL UNIQUE,
    sent_ms bigint NOT NULL
);
CREATE INDEX inbound_event_room ON inbound_event (room_id, number);

-- What was said to us, until it was answered.
CREATE TABLE inbound_message (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id text COLLATE "C" NOT NULL,
    kind text NOT NULL,                  -- message, reaction, redaction
    body text NOT NULL,
    relates_to text NOT NULL,            -- event id, '' without one
    thread text NOT NULL,                -- event id of its root, '' outside of threads
    sender text NOT NULL,
    event_id text NOT NULL UNIQUE,
    sent_ms bigint NOT NULL
);
