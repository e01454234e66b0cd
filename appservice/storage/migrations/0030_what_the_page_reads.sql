-- The lessons that sources of timetables know, those that are over too. What becomes otherwise in
-- them is said by diary_entry.
CREATE TABLE diary_lesson (
    source text COLLATE "C" NOT NULL,             -- its name in the configuration
    school text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,              -- class_id or group_id
    day date NOT NULL,
    lesson smallint NOT NULL,
    begins text NOT NULL,                         -- "08:30", by the clock of the school
    subject text NOT NULL,
    room text NOT NULL,                           -- '' where none is named
    cancelled boolean NOT NULL
);
CREATE INDEX diary_lesson_place ON diary_lesson (place, day);
CREATE INDEX diary_lesson_source ON diary_lesson (source, day);
CREATE INDEX diary_lesson_day ON diary_lesson USING brin (day);

-- They stood in one text for each source; every file is read once more.
ALTER TABLE diary_pull DROP COLUMN lessons;
UPDATE diary_pull SET stamp = '';

-- Of a class over a year there are thousands of grades: they are read without taking every document
-- apart.
ALTER TABLE diary_entry ADD COLUMN mark jsonb GENERATED ALWAYS AS (
    CASE WHEN kind IN ('grade', 'result') THEN document::jsonb -> 'payload' END
) STORED;
