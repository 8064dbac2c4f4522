//! Every limit of this crate, with its reason.

use domain::time::Span;

/// The first call after a server restart is slow; gateways give up later than this.
pub const DEADLINE: Span = Span::seconds(120);

/// Entra answers in well under a second; a token call must not block a cell for long.
pub const TOKEN_DEADLINE: Span = Span::seconds(30);

/// Sales orders read with one `$batch`.
pub const ORDERS_PER_BATCH: usize = 500;

/// Shipment order requests read in one go.
pub const REQUESTS_PER_READ: usize = 200;

/// Writes sent with one `$batch`: more risks a gateway time-out.
pub const WRITES_PER_BATCH: usize = 100;

/// Characters of one request line. The server's limit is not documented; this works everywhere.
pub const URL_CHARS: usize = 2_000;

/// Rows the server puts on one page at most.
pub const SERVER_PAGE: u32 = 10_000;

/// Pages followed of one master data set, so that a next link that never ends does end.
pub const MASTER_PAGES: usize = 60;

/// Parts one `$batch` reply may have: the server's own maximum of operations.
pub const PARTS: usize = 5_000;

/// Header lines of one part of a reply.
pub const PART_HEADERS: usize = 64;

/// Characters of the remote's words kept in a reply.
pub const WHY_CHARS: usize = 500;

/// A token is renewed this long before it runs out.
pub const TOKEN_EARLY: Span = Span::minutes(5);

/// No token is trusted for longer, whatever Entra says.
pub const TOKEN_LONGEST: Span = Span::hours(24);

/// Characters of a token: Entra's are below 4 kB, groups can make them longer.
pub const TOKEN_CHARS: usize = 32_768;

/// Attempts at halving a read whose reply was too large: 500 orders come down to one.
pub const HALVINGS: u32 = 10;
