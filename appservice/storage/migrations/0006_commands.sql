-- Who did what. Rows are only ever added: the trigger refuses everything else.
CREATE TABLE audit_log (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,                 -- user id; 'terminal' or 'service'
    action text NOT NULL,
    object text NOT NULL DEFAULT '',     -- room key or user id, '' for the whole
    details jsonb NOT NULL DEFAULT '{}', -- no names
    cause text COLLATE "C" UNIQUE        -- event id of what asked for it: a repeat adds nothing
);
CREATE INDEX audit_log_object ON audit_log (object, number) WHERE object <> '';

CREATE FUNCTION audit_log_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only ever added to' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_log_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_kept();

-- Dangerous commands that were shown and wait for a person's confirmation.
CREATE TABLE confirmation (
    code text COLLATE "C" PRIMARY KEY,
    asked_event text COLLATE "C" NOT NULL UNIQUE,
    room_id text COLLATE "C" NOT NULL,
    prompt_event text COLLATE "C" NOT NULL DEFAULT '', -- our message, which may be reacted to
    asker text NOT NULL,
    request text NOT NULL,               -- JSON (appservice.commands.pending)
    digest text NOT NULL,                -- of what was shown
    expires_at timestamptz NOT NULL,
    used_by text                         -- event id of the confirmation or refusal
);
CREATE INDEX confirmation_prompt ON confirmation (prompt_event) WHERE prompt_event <> '';

-- Where the administrators are. One row; found again by its alias.
CREATE TABLE admin_room (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    room_id text COLLATE "C" NOT NULL
);

-- What the administrators were told, so that nothing is told twice.
CREATE TABLE admin_report (
    matter text COLLATE "C" PRIMARY KEY,
    reported_at timestamptz NOT NULL DEFAULT now()
);
