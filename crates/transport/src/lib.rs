//! The one HTTP seam: send, gates, fault points, the real client and the in-process one.
