import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Transactions with Kafka's own client: BOOTSTRAP TOPIC GROUP. Prints one line per fact, for the check to
 * compare: who sees what of a committed, an aborted and an open transaction; that offsets are part of
 * a transaction; that a second producer of the same id fences the first.
 */
public final class Transactions {
    private static final Duration POLL = Duration.ofMillis(200);
    /** So many polls without a record mean that there is none to come. */
    private static final int QUIET_POLLS = 5;

    private final String bootstrap;
    private final String topic;
    private final String group;

    private Transactions(String[] args) {
        bootstrap = args[0];
        topic = args[1];
        group = args[2];
    }

    public static void main(String[] args) throws Exception {
        new Transactions(args).run();
        System.exit(0);
    }

    private void run() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get(30, TimeUnit.SECONDS);
        }
        try (KafkaProducer<String, String> producer = producer(group + "-transaction")) {
            producer.initTransactions();
            send(producer, "committed");
            producer.commitTransaction();
            send(producer, "aborted");
            producer.abortTransaction();
            send(producer, "open");
            System.out.println("read_committed while one is open: " + read("read_committed"));
            System.out.println("read_uncommitted while one is open: " + read("read_uncommitted"));
            producer.commitTransaction();
            System.out.println("read_committed at the end: " + read("read_committed"));
            commitOffsets(producer);
            fence(producer);
        }
    }

    private void commitOffsets(KafkaProducer<String, String> producer) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = consumer("read_committed")) {
            consumer.subscribe(List.of(topic));
            while (consumer.assignment().isEmpty()) consumer.poll(POLL);
            // Awaits the look at committed offsets that joining began: one under way would answer the next one too.
            consumer.position(partition);
            for (long offset : new long[] {2, 5}) {
                producer.beginTransaction();
                producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(offset)), consumer.groupMetadata());
                if (offset == 2) producer.commitTransaction();
                else producer.abortTransaction();
            }
            System.out.println("offset of the group: " + consumer.committed(Set.of(partition)).get(partition).offset());
        }
    }

    private void fence(KafkaProducer<String, String> first) {
        try (KafkaProducer<String, String> second = producer(group + "-transaction")) {
            second.initTransactions();
            try {
                send(first, "zombie");
                first.commitTransaction();
                System.out.println("the first producer was not fenced");
            } catch (ProducerFencedException | InvalidProducerEpochException fenced) {
                System.out.println("the first producer was fenced");
            }
            send(second, "second");
            second.commitTransaction();
            System.out.println("read_committed after fencing: " + read("read_committed"));
        }
    }

    /** Flushed, since records that were not sent yet would be dropped by an abort. */
    private void send(KafkaProducer<String, String> producer, String name) {
        producer.beginTransaction();
        for (int i = 1; i <= 2; i++) producer.send(new ProducerRecord<>(topic, name + i));
        producer.flush();
    }

    /** Every record from the beginning, with its offset: control records take offsets too. */
    private List<String> read(String isolation) {
        List<String> seen = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer(isolation)) {
            List<TopicPartition> all = List.of(new TopicPartition(topic, 0));
            consumer.assign(all);
            consumer.seekToBeginning(all);
            for (int quiet = 0; quiet < QUIET_POLLS; quiet++) {
                ConsumerRecords<String, String> records = consumer.poll(POLL);
                for (ConsumerRecord<String, String> record : records) seen.add(record.offset() + "=" + record.value());
                if (!records.isEmpty()) quiet = 0;
            }
        }
        return seen;
    }

    private KafkaProducer<String, String> producer(String transactionalId) {
        return new KafkaProducer<>(Map.of("bootstrap.servers", bootstrap, "transactional.id", transactionalId),
            new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer(String isolation) {
        return new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrap, "group.id", group, "isolation.level", isolation,
            "enable.auto.commit", false), new StringDeserializer(), new StringDeserializer());
    }
}
