//! Everything seen: pages, JSON API, webhook endpoint, health, metrics.
