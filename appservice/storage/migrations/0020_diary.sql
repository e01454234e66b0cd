-- The diary: what counts of each thing that was said, who is still to be told of it, what was told.

-- One row for each thing (a grade, a homework, a lesson), with the saying that counts. What it said
-- before is not kept.
CREATE TABLE diary_entry (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text COLLATE "C" NOT NULL,
    school text COLLATE "C" NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,               -- the family of its types
    revision bigint NOT NULL,
    rank smallint NOT NULL,                       -- of two with one revision the greater counts
    type text NOT NULL,
    event_id text NOT NULL,
    person_id text COLLATE "C" NOT NULL,          -- the student it is about, '' for none
    place text COLLATE "C" NOT NULL,              -- the class or group it is about, '' for none
    day date NOT NULL,                            -- at the school, that it concerns
    other_day date,                               -- where a lesson is moved to
    occurred_at timestamptz NOT NULL,
    published_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    withdrawn boolean NOT NULL,
    due timestamptz,                              -- settled then; null: nobody is left to be told
    document text NOT NULL                        -- the JSON object as it came
);
CREATE UNIQUE INDEX diary_entry_lineage ON diary_entry (external_id, source, school, kind);
CREATE INDEX diary_entry_person ON diary_entry (person_id, day) WHERE person_id <> '';
CREATE INDEX diary_entry_place ON diary_entry (place, day) WHERE place <> '';
CREATE INDEX diary_entry_moved ON diary_entry (place, other_day) WHERE other_day IS NOT NULL;
CREATE INDEX diary_entry_due ON diary_entry (due) WHERE due IS NOT NULL;
CREATE INDEX diary_entry_received ON diary_entry USING brin (received_at);

-- Whom an entry names that is neither about a student nor about a place.
CREATE TABLE diary_addressee (
    entry bigint NOT NULL REFERENCES diary_entry ON DELETE CASCADE,
    kind text NOT NULL,                           -- person, place, school
    id text COLLATE "C" NOT NULL,                 -- person_id, class_id or group_id, audience
    PRIMARY KEY (entry, kind, id)
);
CREATE INDEX diary_addressee_who ON diary_addressee (id, kind);

-- The message that stands for an entry in a room, alone or with others of a digest.
CREATE TABLE diary_sent (
    entry bigint NOT NULL REFERENCES diary_entry ON DELETE CASCADE,
    room text COLLATE "C" NOT NULL,               -- room key
    room_id text NOT NULL,
    message text COLLATE "C" NOT NULL,            -- event id, never of an edit
    at timestamptz NOT NULL,
    document text NOT NULL,                       -- what it tells
    child text COLLATE "C" NOT NULL,              -- person_id, '' where it is about none
    digest boolean NOT NULL,
    PRIMARY KEY (entry, room)
);
CREATE INDEX diary_sent_message ON diary_sent (message);

-- What waits for the digest of a room.
CREATE TABLE diary_waiting (
    entry bigint NOT NULL REFERENCES diary_entry ON DELETE CASCADE,
    room text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (entry, room)
);
CREATE INDEX diary_waiting_at ON diary_waiting (at);
CREATE INDEX diary_waiting_room ON diary_waiting (room, at);

-- What is to be sent: one lane for each room, in the order of the numbers.
CREATE TABLE diary_outbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room text COLLATE "C" NOT NULL,               -- room key
    entry bigint REFERENCES diary_entry ON DELETE CASCADE, -- null: the digest that is due
    delivery text COLLATE "C" NOT NULL UNIQUE,    -- transaction id, and the mark in the message
    queued_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_try timestamptz NOT NULL,
    first_tried timestamptz,                      -- since then it may have arrived
    room_id text NOT NULL DEFAULT '',             -- as of the first try, like all below
    content text,                                 -- JSON; null before the first try
    outcome text NOT NULL DEFAULT '',             -- JSON: what becomes of diary_sent
    dead_at timestamptz,                          -- given up until somebody says `retry`
    trouble text NOT NULL DEFAULT ''              -- code of the last failure
);
CREATE UNIQUE INDEX diary_outbox_once ON diary_outbox (room, coalesce(entry, 0))
    WHERE content IS NULL AND dead_at IS NULL;
CREATE INDEX diary_outbox_lane ON diary_outbox (room, number) WHERE dead_at IS NULL;
CREATE INDEX diary_outbox_entry ON diary_outbox (entry);
CREATE INDEX diary_outbox_dead ON diary_outbox (number) WHERE dead_at IS NOT NULL;

-- Who is sending in a room. Not a matter of never twice, but of order.
CREATE TABLE diary_lane (
    room text COLLATE "C" PRIMARY KEY,
    holder text NOT NULL,
    until timestamptz NOT NULL,
    again boolean NOT NULL                        -- somebody else had something to send meanwhile
);

-- Personal rooms that were needed once.
CREATE TABLE diary_room (
    room text COLLATE "C" PRIMARY KEY,            -- room key
    school text COLLATE "C" NOT NULL,
    person_id text COLLATE "C" NOT NULL,
    needed_at timestamptz NOT NULL,
    UNIQUE (person_id, school)
);

-- What a person has chosen; null and what is not named: as the school has it.
CREATE TABLE diary_preference (
    school text COLLATE "C" NOT NULL,
    person_id text COLLATE "C" NOT NULL,
    paces text NOT NULL,                          -- JSON: kind → pace
    quiet_begin time,
    quiet_end time,
    quiet_weekend smallint[],
    quiet_holidays boolean,
    hide_values boolean NOT NULL,
    language text,
    PRIMARY KEY (person_id, school)
);
