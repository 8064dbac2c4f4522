//! F&O as a client sees it: strict reads, writes, batches, and the life behind them.

#[cfg(test)]
mod batches;
#[cfg(test)]
mod breaks;
#[cfg(test)]
mod clerk;
#[cfg(test)]
mod client;
#[cfg(test)]
mod external;
#[cfg(test)]
mod life;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod seed;
#[cfg(test)]
mod whs;
#[cfg(test)]
mod writes;
