//! TestApp: the real server on a real file and a real port, for tests only
