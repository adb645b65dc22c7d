import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The lifecycle scenario with Kafka's own client: BOOTSTRAP TOPIC GROUP [classic|consumer]. */
public final class Lifecycle {
    private final String bootstrap;
    private final String topic;
    private final String group;
    private final String protocol;
    private final Ledger ledger = new Ledger();

    private Lifecycle(String[] args) {
        bootstrap = args[0];
        topic = args[1];
        group = args[2];
        protocol = args.length > 3 ? args[3] : "classic";
    }

    public static void main(String[] args) throws Exception {
        new Lifecycle(args).run();
        System.exit(0);
    }

    private void run() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, Ledger.PARTITIONS, (short) 1))).all().get(30, TimeUnit.SECONDS);
        }
        List<List<Integer>> shares = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        for (int phase = 1; phase <= 2; phase++) {
            produce((phase - 1) * Ledger.RECORDS_PER_PHASE, phase * Ledger.RECORDS_PER_PHASE);
            ledger.phaseBegin();
            AtomicBoolean stop = new AtomicBoolean();
            List<Future<?>> members = new ArrayList<>();
            for (int number = 0; number < Ledger.MEMBERS; number++) {
                int member = number;
                members.add(threads.submit(() -> consume(member, stop)));
            }
            shares.add(ledger.phaseEnd(phase * Ledger.RECORDS_PER_PHASE));
            stop.set(true);
            for (Future<?> member : members) member.get(60, TimeUnit.SECONDS);
        }
        System.out.println(ledger.report("kafka-clients " + protocol, shares));
    }

    private void produce(int first, int end) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "acks", "all", "enable.idempotence", true);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer =
                 new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int index = first; index < end; index++) sent.add(producer.send(Ledger.recordOf(topic, index)));
        }
        for (Future<RecordMetadata> record : sent) record.get();
    }

    private void consume(int member, AtomicBoolean stop) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "group.id", group, "group.protocol", protocol,
            "auto.offset.reset", "earliest", "enable.auto.commit", false);
        try (KafkaConsumer<String, String> consumer =
                 new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic), new CommitOnRevoke(consumer));
            while (!stop.get()) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(100));
                for (ConsumerRecord<String, String> record : records) ledger.take(record);
                if (!records.isEmpty()) consumer.commitSync();
                ledger.own(member, consumer.assignment().stream().map(TopicPartition::partition).collect(Collectors.toSet()));
            }
        }
    }

    /** What was taken is committed before the partitions go to the other member. */
    private record CommitOnRevoke(KafkaConsumer<?, ?> consumer) implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            consumer.commitSync();
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) { }
    }
}
