package org.porchlight.relay.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchQueueTest {
    @Test
    void behavesAsADequeUnderRandomOperations() {
        Random random = new Random(7);
        BatchQueue queue = new BatchQueue();
        ArrayDeque<PreparedBatch> model = new ArrayDeque<>();
        for (int step = 0; step < 20_000; step++) {
            int dice = random.nextInt(10);
            if (dice < 4) {
                PreparedBatch batch = PreparedBatch.of(Unpooled.EMPTY_BUFFER, step);
                queue.addLast(batch);
                model.addLast(batch);
            } else if (dice < 5) {
                PreparedBatch batch = PreparedBatch.of(Unpooled.EMPTY_BUFFER, step);
                queue.addFirst(batch);
                model.addFirst(batch);
            } else if (!model.isEmpty()) {
                assertThat(queue.removeFirst()).isSameAs(model.removeFirst());
            }
            assertThat(queue.size()).isEqualTo(model.size());
            assertThat(queue.peekFirst()).isSameAs(model.peekFirst());
        }
        List<PreparedBatch> rest = new ArrayList<>();
        for (int i = 0; i < queue.size(); i++) {
            rest.add(queue.get(i));
        }
        assertThat(rest).containsExactlyElementsOf(model);
    }

    @Test
    void hasNothingBehindItsEnd() {
        BatchQueue queue = new BatchQueue();
        assertThat(queue.isEmpty()).isTrue();
        assertThatThrownBy(queue::getFirst).isInstanceOf(IndexOutOfBoundsException.class);
    }
}
