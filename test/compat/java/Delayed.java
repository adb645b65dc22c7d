import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Transactions through a network that delivers late: BOOTSTRAP TOPIC ID. Prints what was committed, one value a
 * line; of a transaction whose outcome an error left open, each value after a question mark. The client gives a
 * request up after a second and sends it over another connection.
 */
public final class Delayed {
    private static final int TRANSACTIONS = 24;
    private static final int RECORDS = 6;

    private final String bootstrap;
    private final String topic;
    private final String id;
    private KafkaProducer<String, String> producer;

    private Delayed(String[] args) {
        bootstrap = args[0];
        topic = args[1];
        id = args[2];
    }

    public static void main(String[] args) throws Exception {
        new Delayed(args).run();
        System.exit(0);
    }

    private void run() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get(30, TimeUnit.SECONDS);
            connect();
            for (int number = 0; number < TRANSACTIONS; number++) transaction(number, number % 4 != 3);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (end(admin, IsolationLevel.READ_COMMITTED) != end(admin, IsolationLevel.READ_UNCOMMITTED)) {
                if (System.nanoTime() > deadline) throw new IllegalStateException("a transaction stays open");
                Thread.sleep(50);
            }
        }
    }

    /** Of both partitions in sum: the last stable offsets, or the high watermarks. */
    private long end(Admin admin, IsolationLevel isolation) throws Exception {
        Map<TopicPartition, OffsetSpec> latest = Map.of(
            new TopicPartition(topic, 0), OffsetSpec.latest(), new TopicPartition(topic, 1), OffsetSpec.latest());
        return admin.listOffsets(latest, new ListOffsetsOptions(isolation)).all().get(30, TimeUnit.SECONDS).values()
            .stream().mapToLong(ListOffsetsResult.ListOffsetsResultInfo::offset).sum();
    }

    private void connect() {
        if (producer != null) producer.close(java.time.Duration.ZERO);
        producer = new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "transactional.id", id, "request.timeout.ms", 1000,
                "delivery.timeout.ms", 60_000, "max.block.ms", 60_000, "transaction.timeout.ms", 60_000),
            new StringSerializer(), new StringSerializer());
        producer.initTransactions();
    }

    private void transaction(int number, boolean commit) {
        List<String> values = new ArrayList<>();
        String sign = "?";
        try {
            producer.beginTransaction();
            for (int i = 0; i < RECORDS; i++) {
                values.add(number + "-" + i);
                producer.send(new ProducerRecord<>(topic, i % 2, null, number + "-" + i));
            }
            producer.flush();
            end(commit);
            sign = commit ? "" : null;
        } catch (KafkaException failed) {
            System.err.println("transaction " + number + ": " + failed);
            connect();
            if (!commit) sign = null;
        }
        if (sign == null) return;
        for (String value : values) System.out.println(sign + value);
    }

    /** A time out says nothing of the outcome; the same call again tells it. */
    private void end(boolean commit) {
        while (true) {
            try {
                if (commit) producer.commitTransaction();
                else producer.abortTransaction();
                return;
            } catch (TimeoutException late) {
                System.err.println("once more: " + late);
            }
        }
    }
}
