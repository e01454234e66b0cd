-- What was done and when, for `status`. Counts and codes alone: nothing about a person.
CREATE TABLE run (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    digest text NOT NULL DEFAULT '',
    planned jsonb NOT NULL DEFAULT '{}',  -- kind of action: how many
    outcome text NOT NULL DEFAULT '',
    left_over jsonb NOT NULL DEFAULT '{}' -- "failed", "skipped" ...: how many
);

-- Whether a person id still names the same person (appservice.school.fingerprint). The id itself is
-- not kept: in some schools it is the number of a document.
CREATE TABLE known_person (
    id_digest bytea PRIMARY KEY,
    fingerprint bytea NOT NULL
);
