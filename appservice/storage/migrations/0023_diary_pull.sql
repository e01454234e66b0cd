-- What is remembered of the files that a diary leaves behind, between two readings.
CREATE TABLE diary_pull (
    source text COLLATE "C" PRIMARY KEY,          -- its name in the configuration
    stamp text NOT NULL,                          -- of the files, and the day they were read on
    memory text NOT NULL,                         -- JSON, the source's own
    lessons text NOT NULL,                        -- JSON: the timetable as it is now
    read_at timestamptz NOT NULL
);
