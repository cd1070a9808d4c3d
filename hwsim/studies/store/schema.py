"""The tables of a store, and their version."""

from __future__ import annotations

from typing import Final

#: Raised when tables are added or changed; older formats are read, and brought up when written.
FORMAT: Final = 2
#: The first format in which each table of :data:`ADDED` is.
WITH_PARTS: Final = 2
#: What marks a SQLite file as a store of ours: ``PRAGMA application_id``, the letters "hwsm".
APPLICATION: Final = 0x6877736D

TABLES: Final = """
CREATE TABLE activities (
    key TEXT PRIMARY KEY,        -- of engine, version, what it reads of machine and workload
    engine TEXT NOT NULL,
    version TEXT NOT NULL,
    cycles INTEGER NOT NULL,
    utilization REAL NOT NULL,
    document BLOB NOT NULL       -- Activity.to_json, compressed with zlib
) WITHOUT ROWID;
CREATE TABLE tasks (
    key TEXT PRIMARY KEY,        -- of the layer, its scheme and input, engine and machine
    activity TEXT NOT NULL REFERENCES activities (key),
    document TEXT NOT NULL,      -- the fields of LayerTask but its scheme, JSON
    operands TEXT                -- the fields of Operands, JSON
) WITHOUT ROWID;
CREATE INDEX tasks_of_activity ON tasks (activity);
CREATE TABLE failures (
    task TEXT PRIMARY KEY,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE timings (           -- beside what is equal however often and wherever it is done
    activity TEXT PRIMARY KEY,
    engine TEXT NOT NULL,
    seconds REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE energies (
    task TEXT NOT NULL REFERENCES tasks (key),
    price TEXT NOT NULL REFERENCES prices (key),
    dynamic REAL NOT NULL,
    static REAL NOT NULL,
    PRIMARY KEY (task, price)
) WITHOUT ROWID;
CREATE TABLE prices (
    key TEXT PRIMARY KEY,        -- of energy table, machine and the code that prices
    energy_table TEXT NOT NULL,
    label TEXT NOT NULL,
    provenance TEXT NOT NULL,
    unit TEXT NOT NULL,
    area REAL,
    area_unit TEXT
) WITHOUT ROWID;
CREATE TABLE studies (
    name TEXT PRIMARY KEY,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    spec TEXT NOT NULL,          -- what was asked for, JSON
    provenance TEXT NOT NULL     -- hwsim, networks, machines, engines, command, JSON
);
CREATE TABLE points (
    study TEXT NOT NULL REFERENCES studies (name) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    coordinates TEXT NOT NULL,   -- JSON
    baseline INTEGER,            -- number of the point that ratios are relative to
    PRIMARY KEY (study, number)
) WITHOUT ROWID;
CREATE TABLE point_prices (
    study TEXT NOT NULL,
    point INTEGER NOT NULL,
    place INTEGER NOT NULL,
    price TEXT NOT NULL,
    PRIMARY KEY (study, point, place),
    FOREIGN KEY (study, point) REFERENCES points (study, number) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE point_layers (
    study TEXT NOT NULL,
    point INTEGER NOT NULL,
    place INTEGER NOT NULL,
    layer TEXT NOT NULL,
    task TEXT NOT NULL,          -- may not be there yet
    PRIMARY KEY (study, point, place),
    FOREIGN KEY (study, point) REFERENCES points (study, number) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX point_layers_of_task ON point_layers (task);
CREATE TABLE owners (            -- processes that work on this store
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    began REAL,                  -- of the process, seconds since the epoch; a pid comes again
    beat REAL NOT NULL           -- when it last said that it is alive
) WITHOUT ROWID;
CREATE TABLE claims (            -- of tasks and activities that an owner is working on
    key TEXT PRIMARY KEY,
    owner TEXT NOT NULL REFERENCES owners (id) ON DELETE CASCADE
) WITHOUT ROWID;
"""

#: What each later format adds to the tables of the first.
ADDED: Final = {
    WITH_PARTS: """
CREATE TABLE layouts (           -- of the rows of energies: what each is of
    key TEXT PRIMARY KEY,
    document TEXT NOT NULL       -- unit, component, action, operand and entry of each row, JSON
) WITHOUT ROWID;
CREATE TABLE parts (             -- what an energy is made of
    task TEXT NOT NULL,
    price TEXT NOT NULL,
    layout TEXT NOT NULL REFERENCES layouts (key),
    energies BLOB NOT NULL,      -- of each row, float64, least byte first
    PRIMARY KEY (task, price),
    FOREIGN KEY (task, price) REFERENCES energies (task, price) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE runs (              -- what a run found, whole
    study TEXT PRIMARY KEY REFERENCES studies (name) ON DELETE CASCADE,
    document BLOB NOT NULL       -- manifest and tables by column, JSON, compressed with zlib
);
""",
}
