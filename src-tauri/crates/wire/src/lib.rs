//! What both doors speak beside the records: envelopes, bodies, filters, the error table
