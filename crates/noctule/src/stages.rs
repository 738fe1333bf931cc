//! Reader, workers, consumer: the shape of everything that streams messages.
//!
//!     reader ─bounded─► N workers ─bounded─► consumer (in the reader's order)
//!
//! The consumer sees the results in the order in which the reader sent the work, whatever the workers' speed, so
//! that a run is the same on one core and on sixty-four.

use std::collections::BTreeMap;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

/// Pieces of work on their way to the workers; sending blocks while they are busy.
pub struct Feed<W> {
    sender: Sender<(u64, W)>,
    next: u64,
}

/// The consumer or all workers are gone: stop reading.
pub struct Closed;

impl<W> Feed<W> {
    pub fn send(&mut self, work: W) -> Result<(), Closed> {
        self.sender.send((self.next, work)).map_err(|_| Closed)?;
        self.next += 1;
        Ok(())
    }
}

/// How many workers fit beside the reader and the consumer, which are seldom both busy.
pub fn workers() -> usize {
    thread::available_parallelism().map_or(2, usize::from).clamp(1, 32)
}

/// Runs `read` and the workers on threads of their own and `consume` on this one. Ends when the reader is done and
/// everything is consumed, or as soon as `consume` fails.
pub fn run<W, R, T, E>(
    workers: usize,
    read: impl FnOnce(&mut Feed<W>) -> T + Send,
    work: impl Fn(W) -> R + Sync,
    mut consume: impl FnMut(R) -> Result<(), E>,
) -> Result<T, E>
where
    W: Send,
    R: Send,
    T: Send,
{
    let (to_workers, work_queue) = bounded::<(u64, W)>(workers * 2);
    let (to_consumer, done_queue) = bounded::<(u64, R)>(workers * 2);
    thread::scope(|scope| {
        let reader = scope.spawn(move || read(&mut Feed { sender: to_workers, next: 0 }));
        for _ in 0..workers {
            let (queue, out, work) = (work_queue.clone(), to_consumer.clone(), &work);
            scope.spawn(move || {
                for (number, item) in queue {
                    if out.send((number, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop((work_queue, to_consumer));
        let result = in_order(&done_queue, &mut consume);
        // Dropping the queue ends workers and reader early when the consumer failed.
        drop(done_queue);
        let read = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        result.map(|()| read)
    })
}

/// Hands results on in order. The waiting ones are bounded by the queues: a worker that is behind holds up the rest.
fn in_order<R, E>(queue: &Receiver<(u64, R)>, consume: &mut impl FnMut(R) -> Result<(), E>) -> Result<(), E> {
    let (mut next, mut early) = (0, BTreeMap::new());
    for (number, result) in queue {
        early.insert(number, result);
        while let Some(result) = early.remove(&next) {
            consume(result)?;
            next += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_arrive_in_the_readers_order() {
        let mut seen = Vec::new();
        let read = |feed: &mut Feed<u64>| (0..1000).try_for_each(|n| feed.send(n)).is_ok();
        let work = |n: u64| {
            if n.is_multiple_of(7) {
                thread::yield_now();
            }
            n * 2
        };
        let complete = run::<_, _, _, ()>(4, read, work, |n| {
            seen.push(n);
            Ok(())
        });
        assert_eq!(complete, Ok(true));
        assert!(seen.iter().copied().eq((0..1000).map(|n| n * 2)));
    }

    #[test]
    fn a_failing_consumer_stops_the_reader() {
        let read = |feed: &mut Feed<u64>| (0..).take_while(|n| feed.send(*n).is_ok()).count();
        let result = run(2, read, |n| n, |n| if n < 10 { Ok(()) } else { Err("full") });
        assert_eq!(result, Err("full"));
    }
}
