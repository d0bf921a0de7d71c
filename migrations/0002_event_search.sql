-- Full text of events. Holds no text, only which words stand in which event (rowid = agent_events.seq). Filled behind the
-- writer by storage/src/search.rs, which makes the words: the tokenizer only splits at spaces.
CREATE VIRTUAL TABLE event_search USING fts5 (text, content = '', columnsize = 0, tokenize = 'ascii');
-- Merging is done by us in small steps; left to SQLite, a write now and then would take the time of a large one.
INSERT INTO event_search (event_search, rank) VALUES ('automerge', 0);
