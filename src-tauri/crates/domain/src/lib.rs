//! Records, rules and times of PilotDeck: pure, no I/O
