//! SQLite: the one room that knows SQL. Knows no HTTP, no Tauri and no business decisions.
mod db;
mod inspect;
mod legacy;
mod stage;
