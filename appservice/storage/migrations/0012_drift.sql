-- What was changed against the roster, by whom, and what became of it.
CREATE TABLE drift (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room text COLLATE "C" NOT NULL,      -- room key
    who text NOT NULL,                   -- user id, '' where nobody knows
    kind text NOT NULL,
    type text NOT NULL,
    state_key text NOT NULL,
    before text NOT NULL,                -- JSON: what must be there
    after text NOT NULL,                 -- JSON: what they made of it
    event_id text NOT NULL UNIQUE,
    at timestamptz NOT NULL,
    times integer NOT NULL,
    slowed boolean NOT NULL,
    outcome text NOT NULL,               -- 'undone', or why not
    undone_at timestamptz NOT NULL
);
CREATE INDEX drift_of_room ON drift (room, undone_at);
CREATE INDEX drift_undone_at ON drift (undone_at);
