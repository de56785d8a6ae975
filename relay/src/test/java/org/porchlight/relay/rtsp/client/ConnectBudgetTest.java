package org.porchlight.relay.rtsp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConnectBudgetTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void aThousandCamerasOfOneSwitchComeBackWithoutAStorm() {
        ConnectBudget budget = new ConnectBudget(ConnectBudget.Limits.DEFAULT);
        List<Long> connects = new ArrayList<>();
        List<ConnectBudget.Slot> slots = new ArrayList<>();
        PriorityQueue<long[]> handshakeEnds = new PriorityQueue<>((a, b) -> Long.compare(a[0], b[0]));
        long[] now = {5 * SECOND};
        for (int camera = 0; camera < 1_000; camera++) {
            int id = camera;
            slots.add(budget.acquire("switch", now[0], () -> {
                connects.add(now[0]);
                handshakeEnds.add(new long[] {now[0] + SECOND / 5, id});
            }));
        }
        assertThat(budget.handshakes()).isEqualTo(4);
        int mostHandshakes = 0;
        while (connects.size() < 1_000) {
            long deadline = budget.nextDeadlineNanos(now[0]);
            long[] end = handshakeEnds.peek();
            if (end != null && end[0] <= deadline) {
                handshakeEnds.remove();
                now[0] = end[0];
                budget.release(slots.get((int) end[1]), now[0]);
            } else {
                assertThat(deadline).isNotEqualTo(Long.MAX_VALUE);
                now[0] = Math.max(now[0], deadline);
                budget.onDeadline(now[0]);
            }
            mostHandshakes = Math.max(mostHandshakes, budget.handshakes());
        }
        assertThat(mostHandshakes).isLessThanOrEqualTo(4);
        for (int i = 20; i < connects.size(); i++) {
            assertThat(connects.get(i) - connects.get(i - 20))
                    .as("at most 10 a second beyond the burst of 10")
                    .isGreaterThanOrEqualTo(SECOND - 100);
        }
        assertThat(now[0]).as("and no slower than it must be").isLessThan(5 * SECOND + 101 * SECOND);
    }

    @Test
    void aFullHostDoesNotHinderAnother() {
        ConnectBudget budget = new ConnectBudget(new ConnectBudget.Limits(1, 1, 1, 2));
        List<String> granted = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            budget.acquire("busy", 0, () -> granted.add("busy"));
        }
        budget.acquire("other", 0, () -> granted.add("other"));
        assertThat(granted).containsExactly("busy", "other");
    }

    @Test
    void hostsTakeTurnsWhenTheGlobalLimitIsShort() {
        ConnectBudget budget = new ConnectBudget(new ConnectBudget.Limits(1_000, 1_000, 1, 1));
        List<String> granted = new ArrayList<>();
        List<ConnectBudget.Slot> slots = new ArrayList<>();
        for (String host : List.of("a", "a", "a", "b", "b", "b")) {
            slots.add(budget.acquire(host, 0, () -> granted.add(host)));
        }
        for (ConnectBudget.Slot slot : List.of(slots.get(0), slots.get(3), slots.get(1), slots.get(4))) {
            budget.release(slot, 0);
        }
        assertThat(granted).containsExactly("a", "b", "a", "b", "a");
    }

    @Test
    void whoGivesUpWaitingIsNotServed() {
        ConnectBudget budget = new ConnectBudget(new ConnectBudget.Limits(1, 1, 1, 1));
        List<Integer> granted = new ArrayList<>();
        ConnectBudget.Slot first = budget.acquire("h", 0, () -> granted.add(1));
        ConnectBudget.Slot second = budget.acquire("h", 0, () -> granted.add(2));
        budget.acquire("h", 0, () -> granted.add(3));
        budget.release(second, 0);
        budget.release(second, 0);
        budget.release(first, 0);
        assertThat(granted).containsExactly(1);
        assertThat(budget.nextDeadlineNanos(0)).isBetween(SECOND, SECOND + 10);
        budget.onDeadline(SECOND + 10);
        assertThat(granted).containsExactly(1, 3);
    }

    @Test
    void forgetsHostsThatAreIdle() {
        ConnectBudget budget = new ConnectBudget(ConnectBudget.Limits.DEFAULT);
        for (int i = 0; i < 100; i++) {
            budget.release(budget.acquire("h" + i, 0, () -> {}), 0);
        }
        budget.onDeadline(SECOND);
        assertThat(budget.hosts()).isZero();
        assertThat(budget.nextDeadlineNanos(SECOND)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void keepsItsLimitsUnderRandomUse() {
        Random random = new Random(3);
        ConnectBudget.Limits limits = new ConnectBudget.Limits(5, 3, 2, 4);
        ConnectBudget budget = new ConnectBudget(limits);
        Map<ConnectBudget.Slot, String> open = new HashMap<>();
        Map<String, Integer> inFlight = new HashMap<>();
        long now = 0;
        for (int step = 0; step < 20_000; step++) {
            now += random.nextInt(200_000_000);
            if (random.nextInt(5) < 2 && open.size() < 50) {
                String host = "h" + random.nextInt(4);
                open.put(budget.acquire(host, now, () -> inFlight.merge(host, 1, Integer::sum)), host);
            } else if (!open.isEmpty() && random.nextBoolean()) {
                List<ConnectBudget.Slot> all = new ArrayList<>(open.keySet());
                ConnectBudget.Slot slot = all.get(random.nextInt(all.size()));
                int waitingBefore = budget.waiting();
                int flying = budget.handshakes();
                String host = open.remove(slot);
                boolean wasWaiting = slot.isWaiting();
                if (!wasWaiting) {
                    inFlight.merge(host, -1, Integer::sum);
                }
                budget.release(slot, now);
                assertThat(budget.waiting()).isLessThanOrEqualTo(waitingBefore);
                assertThat(budget.handshakes()).isGreaterThanOrEqualTo(wasWaiting ? flying : flying - 1);
            } else {
                budget.onDeadline(now);
            }
            assertThat(budget.handshakes())
                    .isEqualTo(inFlight.values().stream()
                            .mapToInt(Integer::intValue)
                            .sum())
                    .isLessThanOrEqualTo(limits.handshakesInAll());
            assertThat(inFlight.values()).allMatch(n -> n <= limits.handshakesPerHost());
        }
    }
}
