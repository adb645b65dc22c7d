import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** One consumer on a thread of its own; it commits whenever it took something, and before it gives partitions up. */
final class Member extends Thread implements ConsumerRebalanceListener {
    /** What the group did to it, in order: assigned, revoked or lost, and the partitions. */
    final List<String> history = new CopyOnWriteArrayList<>();
    volatile Set<Integer> owned = Set.of();
    volatile int generation = -1;
    volatile Exception failure;
    private volatile boolean stopping;
    private boolean uncommitted;
    private final Taken taken;
    private final String topic;
    private final KafkaConsumer<byte[], String> consumer;

    Member(Scene scene, String protocol, Map<String, Object> more) {
        taken = scene.taken;
        topic = scene.topic;
        Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", scene.bootstrap, "group.id", scene.group,
            "group.protocol", protocol, "auto.offset.reset", "earliest", "enable.auto.commit", false));
        if (protocol.equals("classic")) {
            config.putAll(Map.of("session.timeout.ms", 20_000, "heartbeat.interval.ms", 500));
        }
        config.putAll(more);
        consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new StringDeserializer());
        setDaemon(true);
    }

    @Override
    public void run() {
        try (consumer) {
            consumer.subscribe(List.of(topic), this);
            while (!stopping) {
                ConsumerRecords<byte[], String> records = consumer.poll(Duration.ofMillis(100));
                for (ConsumerRecord<byte[], String> record : records) taken.take(record.value());
                if (!records.isEmpty()) uncommitted = true;
                if (uncommitted) commit();
                publish();
            }
            consumer.commitSync();
        } catch (Exception thrown) {
            failure = thrown;
        } finally {
            owned = Set.of();
        }
    }

    /** Ends with the close that the client's own configuration means. */
    void leave() throws Exception {
        stopping = true;
        join(60_000);
        if (isAlive()) throw new IllegalStateException("a member did not end");
        if (failure != null) throw failure;
    }

    /** In a cooperative rebalance the client puts commits off; it has them made up before partitions go. */
    private void commit() {
        try {
            consumer.commitSync();
            uncommitted = false;
        } catch (RebalanceInProgressException later) {
            // The next poll goes on with the rebalance.
        }
    }

    private void publish() {
        Set<Integer> now = new TreeSet<>();
        for (TopicPartition partition : consumer.assignment()) now.add(partition.partition());
        owned = now;
        generation = consumer.groupMetadata().generationId();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> assigned) { note("assigned", assigned); }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
        consumer.commitSync();
        note("revoked", revoked);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) { note("lost", lost); }

    private void note(String what, Collection<TopicPartition> partitions) {
        Set<Integer> numbers = new TreeSet<>();
        for (TopicPartition partition : partitions) numbers.add(partition.partition());
        if (!numbers.isEmpty()) history.add(what + " " + numbers);
    }
}
