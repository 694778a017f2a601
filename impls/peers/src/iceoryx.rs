//! `iceoryx2` between two processes: a publisher and one subscriber, that both poll.

use std::time::Instant;

use iceoryx2::prelude::*;

use crate::beside;

/// Samples that lie between the two: about as many bytes as our ring has.
const fn buffer(size: usize) -> usize {
    if size < 1024 { 1024 } else { (1 << 20) / size }
}
/// What the last message is made of.
const LAST: u8 = 9;

/// Messages in one direction, copied in and out, none of them lost: who is faster tries again.
pub fn stream<const SIZE: usize>(count: u64) -> f64 {
    let name = format!("ipc-peers/{}", std::process::id());
    let service = |node: &Node<ipc::Service>| {
        node.service_builder(&name.as_str().try_into().expect("it is short"))
            .publish_subscribe::<[u8; SIZE]>()
            .enable_safe_overflow(false)
            .subscriber_max_buffer_size(buffer(SIZE))
            .max_publishers(1)
            .max_subscribers(1)
            .open_or_create()
            .expect("there is memory")
    };
    let node = || NodeBuilder::new().create::<ipc::Service>().expect("there are files");
    // The child has a node of its own, made after it was forked.
    beside(
        || {
            let node = node();
            let service = service(&node);
            let publisher = service.publisher_builder();
            let publisher =
                publisher.backpressure_strategy(BackpressureStrategy::RetryUntilDelivered);
            let publisher = publisher.create().expect("it is the only one");
            let send = |byte: u8| {
                let sample = publisher.loan_uninit().expect("one is lent at a time");
                let message = std::hint::black_box([byte; SIZE]);
                sample.write_payload(message).send().expect("there is room in the end");
            };
            // Until somebody has subscribed, samples are for nobody.
            while service.dynamic_config().number_of_subscribers() == 0 {
                std::hint::spin_loop();
            }
            (0..count).for_each(|_| send(0));
            // Its samples go with it, so it stays until the other has seen one of these.
            send(LAST);
            while service.dynamic_config().number_of_subscribers() != 0 {
                std::hint::spin_loop();
            }
        },
        || {
            let node = node();
            let service = service(&node);
            let subscriber = service.subscriber_builder().create().expect("it is the only one");
            let next = || loop {
                if let Some(sample) = subscriber.receive().expect("the publisher lives") {
                    break *std::hint::black_box(sample.payload());
                }
                std::hint::spin_loop();
            };
            // The first are lost if they are sent before it has looked around: so they are counted.
            next();
            let begun = Instant::now();
            let mut received = 0_u64;
            while next()[0] != LAST {
                received += 1;
            }
            begun.elapsed().as_nanos() as f64 / received as f64
        },
    )
}
