import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** What the lifecycle scenario sends and how it judges what came back, see node/ledger.mjs. Any thread. */
final class Ledger {
    static final int PARTITIONS = 8;
    static final int RECORDS_PER_PHASE = 2000;
    static final int MEMBERS = 2;
    static final long PHASE_TIMEOUT_MS = 60_000;
    /** A record that is delivered twice arrives after the wanted number is reached. */
    static final long SETTLE_MS = 500;

    private final Set<Integer> taken = new HashSet<>();
    private final Map<Integer, Long> offsets = new HashMap<>();
    private final Map<Integer, Set<Integer>> owned = new TreeMap<>();
    private int consumed;
    private int repeated;
    private int damaged;
    private int misordered;

    static String keyOf(int index) {
        return "key-" + index;
    }

    static String valueOf(int index) {
        return "value-" + index + "-" + "x".repeat(index % 200);
    }

    static List<Header> headersOf(int index) {
        return List.of(header("index", "" + index), header("empty", ""), header("source", "compat"));
    }

    static ProducerRecord<String, String> recordOf(String topic, int index) {
        return new ProducerRecord<>(topic, null, null, keyOf(index), valueOf(index), headersOf(index));
    }

    synchronized void take(ConsumerRecord<String, String> record) {
        int index = Integer.parseInt(new String(record.headers().lastHeader("index").value()));
        consumed++;
        if (!taken.add(index)) repeated++;
        boolean same = keyOf(index).equals(record.key()) && valueOf(index).equals(record.value())
            && headersOf(index).equals(Arrays.asList(record.headers().toArray()));
        if (!same) damaged++;
        if (record.offset() != offsets.getOrDefault(record.partition(), 0L)) misordered++;
        offsets.put(record.partition(), record.offset() + 1);
    }

    synchronized void own(int member, Set<Integer> partitions) {
        owned.put(member, partitions);
    }

    /** While no member runs: a late report of the last phase must not count in this one. */
    synchronized void phaseBegin() {
        owned.clear();
    }

    List<Integer> phaseEnd(int recordsWanted) throws InterruptedException {
        long deadline = System.currentTimeMillis() + PHASE_TIMEOUT_MS;
        while (!isOver(recordsWanted)) {
            if (System.currentTimeMillis() > deadline) {
                throw new IllegalStateException(taken.size() + " of " + recordsWanted + " records, owned " + owned);
            }
            Thread.sleep(20);
        }
        List<Integer> shares = shares();
        Thread.sleep(SETTLE_MS);
        return shares;
    }

    synchronized String report(String client, List<List<Integer>> shares) {
        return String.format("{\"client\":\"%s\",\"produced\":%d,\"distinct\":%d,\"consumed\":%d,\"repeated\":%d,"
            + "\"damaged\":%d,\"misordered\":%d,\"shares\":%s}", client, 2 * RECORDS_PER_PHASE, taken.size(), consumed,
            repeated, damaged, misordered, shares.toString().replace(" ", ""));
    }

    private synchronized List<Integer> shares() {
        return owned.values().stream().map(Set::size).toList();
    }

    private synchronized boolean isOver(int recordsWanted) {
        // A member may tell of what it gave up after another told of having it.
        int told = shares().stream().mapToInt(Integer::intValue).sum();
        Set<Integer> union = new HashSet<>();
        owned.values().forEach(union::addAll);
        return taken.size() >= recordsWanted && owned.size() == MEMBERS && told == PARTITIONS
            && union.size() == PARTITIONS && owned.values().stream().noneMatch(Set::isEmpty);
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes());
    }
}
