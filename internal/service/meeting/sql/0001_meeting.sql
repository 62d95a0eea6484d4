-- +goose Up
CREATE TABLE meeting (
	id         TEXT COLLATE "C" PRIMARY KEY,
	of_kind    TEXT COLLATE "C" NOT NULL,   -- the body that meets
	of_id      TEXT COLLATE "C" NOT NULL,
	org        TEXT COLLATE "C" NOT NULL,   -- that answers for it
	title      TEXT NOT NULL,
	lang       TEXT COLLATE "C" NOT NULL,   -- of the texts
	purpose    TEXT COLLATE "C" NOT NULL,
	starts     BIGINT NOT NULL,
	ends       BIGINT NOT NULL,
	venue      TEXT NOT NULL,
	district   TEXT COLLATE "C" NOT NULL,
	lat        DOUBLE PRECISION,
	lon        DOUBLE PRECISION,
	link       TEXT NOT NULL,
	link_open  BOOLEAN NOT NULL,            -- everybody sees the link
	langs      JSONB NOT NULL,              -- that are spoken
	notice     TEXT NOT NULL,
	guests     BOOLEAN NOT NULL,            -- others may register
	capacity   INTEGER NOT NULL,            -- of guests; 0 is no limit
	agenda     JSONB NOT NULL,
	state      TEXT COLLATE "C" NOT NULL,   -- announced, held, minutes_draft, minutes_published, cancelled
	quorate    TEXT COLLATE "C" NOT NULL,   -- quorate, inquorate; empty before it is held
	count      JSONB NOT NULL,              -- the count of the quorum, as it was
	reason     TEXT NOT NULL,               -- why it is cancelled
	notice_days INTEGER NOT NULL,           -- that the body's rule asked for
	code       TEXT COLLATE "C" NOT NULL,   -- shown in the room
	announced  BIGINT NOT NULL,
	timed      BIGINT NOT NULL,             -- when the present hour was first said
	agenda_at  BIGINT,                      -- when there first was an agenda
	reminded   BIGINT,
	held       BIGINT,
	drafted    BIGINT,
	published  BIGINT,
	sequence   INTEGER NOT NULL,            -- of the calendar: raised by what its readers see
	created_by TEXT COLLATE "C" NOT NULL,
	changed    BIGINT NOT NULL,
	version    INTEGER NOT NULL
);
CREATE INDEX meeting_of ON meeting (of_kind, of_id, starts);
CREATE INDEX meeting_starts ON meeting (starts, id);

CREATE TABLE meeting_invited (
	id       TEXT COLLATE "C" PRIMARY KEY,
	meeting  TEXT COLLATE "C" NOT NULL,
	position INTEGER NOT NULL,
	org      TEXT COLLATE "C" NOT NULL,
	person   TEXT COLLATE "C" NOT NULL,
	name     TEXT NOT NULL,
	sector   TEXT COLLATE "C" NOT NULL,
	district TEXT COLLATE "C" NOT NULL,
	seat     TEXT COLLATE "C" NOT NULL,
	removed  BOOLEAN NOT NULL
);
CREATE INDEX meeting_invited_of ON meeting_invited (meeting, position);
CREATE INDEX meeting_invited_person ON meeting_invited (person);

CREATE TABLE meeting_guest (
	id       TEXT COLLATE "C" PRIMARY KEY,
	meeting  TEXT COLLATE "C" NOT NULL,
	person   TEXT COLLATE "C" NOT NULL,
	state    TEXT COLLATE "C" NOT NULL,     -- confirmed, waiting, cancelled
	sector   TEXT COLLATE "C" NOT NULL,
	district TEXT COLLATE "C" NOT NULL,
	created  BIGINT NOT NULL,               -- since when they wait
	changed  BIGINT NOT NULL
);
CREATE UNIQUE INDEX meeting_guest_once ON meeting_guest (meeting, person) WHERE person <> '';
CREATE INDEX meeting_guest_person ON meeting_guest (person);

-- What was said of who came. A row is never changed: the newest of a subject holds.
CREATE TABLE meeting_attendance (
	id       TEXT COLLATE "C" PRIMARY KEY,
	meeting  TEXT COLLATE "C" NOT NULL,
	subject  TEXT COLLATE "C" NOT NULL,     -- the invited, else an id of its own
	person   TEXT COLLATE "C" NOT NULL,
	org      TEXT COLLATE "C" NOT NULL,
	name     TEXT NOT NULL,
	sector   TEXT COLLATE "C" NOT NULL,
	district TEXT COLLATE "C" NOT NULL,
	part     TEXT COLLATE "C" NOT NULL,     -- member, observer, staff
	mode     TEXT COLLATE "C" NOT NULL,     -- person, online
	present  BOOLEAN NOT NULL,
	arrived  TEXT NOT NULL,                 -- HH:MM
	departed TEXT NOT NULL,
	reason   TEXT NOT NULL,                 -- of a correction
	by_person TEXT COLLATE "C" NOT NULL,
	recorded BIGINT NOT NULL,
	n        INTEGER NOT NULL
);
CREATE INDEX meeting_attendance_of ON meeting_attendance (meeting, subject, n);
CREATE INDEX meeting_attendance_person ON meeting_attendance (person);

CREATE TABLE meeting_shown (
	id      TEXT COLLATE "C" PRIMARY KEY,
	meeting TEXT COLLATE "C" NOT NULL,
	kind    TEXT COLLATE "C" NOT NULL,      -- of the record that was presented; may be empty
	record  TEXT COLLATE "C" NOT NULL,
	text    TEXT NOT NULL,                  -- where things stood that day
	at      BIGINT NOT NULL
);
CREATE INDEX meeting_shown_of ON meeting_shown (meeting, at);

CREATE TABLE meeting_voice (
	id       TEXT COLLATE "C" PRIMARY KEY,
	meeting  TEXT COLLATE "C" NOT NULL,
	type     TEXT COLLATE "C" NOT NULL,     -- comment, remark (on draft minutes), correction (of adopted ones)
	person   TEXT COLLATE "C" NOT NULL,     -- whose words they are, if they wrote them here
	name     TEXT NOT NULL,
	sector   TEXT COLLATE "C" NOT NULL,
	text     TEXT NOT NULL,
	at       BIGINT NOT NULL
);
CREATE INDEX meeting_voice_of ON meeting_voice (meeting, type, at);
CREATE INDEX meeting_voice_person ON meeting_voice (person);

CREATE TABLE meeting_minutes (
	meeting TEXT COLLATE "C" NOT NULL,
	n       INTEGER NOT NULL,
	text    TEXT NOT NULL,
	by_person TEXT COLLATE "C" NOT NULL,
	at      BIGINT NOT NULL,
	PRIMARY KEY (meeting, n)
);

CREATE TABLE meeting_action (
	id      TEXT COLLATE "C" PRIMARY KEY,
	meeting TEXT COLLATE "C" NOT NULL,
	of_kind TEXT COLLATE "C" NOT NULL,
	of_id   TEXT COLLATE "C" NOT NULL,
	text    TEXT NOT NULL,
	org     TEXT COLLATE "C" NOT NULL,      -- who does it
	person  TEXT COLLATE "C" NOT NULL,
	name    TEXT NOT NULL,
	due     TEXT COLLATE "C" NOT NULL,
	state   TEXT COLLATE "C" NOT NULL,      -- open, done, dropped
	reason  TEXT NOT NULL,
	told    INTEGER NOT NULL,               -- reminders so far: 0, 1 a week before, 2 on the day
	created BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	version INTEGER NOT NULL
);
CREATE INDEX meeting_action_of ON meeting_action (of_kind, of_id, state, due);
CREATE INDEX meeting_action_due ON meeting_action (state, due);
CREATE INDEX meeting_action_meeting ON meeting_action (meeting);
CREATE INDEX meeting_action_person ON meeting_action (person);
