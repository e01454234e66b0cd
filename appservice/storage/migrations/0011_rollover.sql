-- The turns from one school year to the next. At most one is under way.
CREATE TABLE rollover (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL,                 -- appservice.storage.rollover.RolloverState
    digest text NOT NULL,
    namespace text NOT NULL,             -- of person ids
    on_day date,                         -- null: when a person says so
    turn jsonb NOT NULL,                 -- class ids alone (appservice.year.rollover.Turn)
    drafted_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    next bytea,                          -- the roster of the next year, until it is accepted
    before bytea                         -- the roster that stood before, until it is confirmed
);
CREATE UNIQUE INDEX rollover_under_way ON rollover ((true))
    WHERE state IN ('drafted', 'applying', 'applied', 'returning');
