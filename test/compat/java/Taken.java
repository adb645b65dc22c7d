import java.util.HashMap;
import java.util.Map;

/** How often each record was delivered to the group. Any thread. */
final class Taken {
    private final Map<String, Integer> times = new HashMap<>();

    synchronized void take(String value) { times.merge(value, 1, Integer::sum); }

    synchronized int distinct() { return times.size(); }

    synchronized long repeated() { return times.values().stream().filter(count -> count > 1).count(); }
}
