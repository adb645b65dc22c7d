import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeReplicaLogDirsResult.ReplicaLogDirInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Partitions between two log directories while they are written and read: every move ends, nothing is lost, repeated or
 * out of order, and what is refused is refused by Kafka's names.
 *
 *   Moves BOOTSTRAP TOPIC DIRECTORY OTHER_DIRECTORY
 */
public final class Moves {
    private static final int PARTITIONS = 3;
    private static final int ROUNDS = 2;
    private static final int VALUE_BYTES = 2_000;
    private static final long PATIENCE_MS = 60_000;
    private static final String RATE = "replica.alter.log.dirs.io.max.bytes.per.second";

    private final Admin admin;
    private final String bootstrap;
    private final String topic;
    private final String[] directories;
    private final int broker;
    private volatile boolean stopping;
    private volatile Exception failure;
    private final AtomicInteger acknowledged = new AtomicInteger();

    private Moves(String bootstrap, String topic, String... directories) throws Exception {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.directories = directories;
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1)
            .configs(Map.of("segment.bytes", "1048576")))).all().get(60, TimeUnit.SECONDS);
        broker = admin.describeCluster().nodes().get().iterator().next().id();
    }

    public static void main(String[] args) throws Exception {
        Moves moves = new Moves(args[0], args[1], args[2], args[3]);
        moves.refusals();
        moves.underLoad();
        moves.cancelled();
        moves.admin.close();
    }

    private void refusals() throws Exception {
        System.out.println("unknown directory: " + alter(topic, 0, "/nowhere"));
        System.out.println("unknown topic: " + alter(topic + "-none", 0, directories[0]));
        System.out.println("unknown partition: " + alter(topic, 99, directories[0]));
        System.out.println("the metadata log: " + alter("__cluster_metadata", 0, directories[0]));
        System.out.println("where it is: " + alter(topic, 0, infoOf(0).getCurrentReplicaLogDir()));
        System.out.println("then it moves: " + (infoOf(0).getFutureReplicaLogDir() != null));
        System.out.println("a name without room: " + alter("t".repeat(220), 0, directories[0]));
    }

    private void underLoad() throws Exception {
        Thread producing = new Thread(this::produce);
        producing.start();
        Map<Integer, List<Long>> read = new HashMap<>();
        Thread consuming = new Thread(() -> consume(read));
        consuming.start();
        while (acknowledged.get() < 2_000) Thread.sleep(5);
        for (int round = 0; round < ROUNDS; round++) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                String target = otherThan(infoOf(partition).getCurrentReplicaLogDir());
                String outcome = alter(topic, partition, target);
                if (!outcome.equals("accepted")) throw new IllegalStateException("move refused: " + outcome);
                until(partition, target);
            }
        }
        stopping = true;
        producing.join();
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        while (consuming.isAlive() && System.currentTimeMillis() < deadline) Thread.sleep(10);
        if (failure != null) throw failure;
        int total = 0;
        for (List<Long> values : read.values()) {
            total += values.size();
            for (int index = 0; index < values.size(); index++) {
                if (values.get(index) != index) throw new IllegalStateException("at " + index + ": " + values.get(index));
            }
        }
        System.out.println("every record once and in order: " + (total == acknowledged.get()));
        if (consuming.isAlive()) System.err.println("read " + total);
        System.err.println(acknowledged.get() + " records, " + ROUNDS * PARTITIONS + " moves");
    }

    /** A slow move shows its future replica; asking for where the partition is ends it. */
    private void cancelled() throws Exception {
        limit("20000");
        String home = infoOf(0).getCurrentReplicaLogDir();
        String target = otherThan(home);
        System.out.println("slow move: " + alter(topic, 0, target));
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        while (infoOf(0).getFutureReplicaLogDir() == null && System.currentTimeMillis() < deadline) Thread.sleep(10);
        ReplicaLogDirInfo info = infoOf(0);
        System.out.println("goes to the other directory: " + target.equals(info.getFutureReplicaLogDir()));
        System.out.println("lags behind: " + (info.getFutureReplicaOffsetLag() > 0));
        System.out.println("is still where it was: " + home.equals(info.getCurrentReplicaLogDir()));
        ReplicaInfo future = replicaIn(target);
        System.out.println("described as future: " + (future != null && future.isFuture()));
        System.out.println("asked again: " + alter(topic, 0, target));
        System.out.println("asked back: " + alter(topic, 0, home));
        while (infoOf(0).getFutureReplicaLogDir() != null && System.currentTimeMillis() < deadline) Thread.sleep(10);
        System.out.println("the future replica is gone: " + (replicaIn(target) == null));
        limit("1000000000");
        System.out.println("once more: " + alter(topic, 0, target));
        until(0, target);
        System.out.println("moved: " + target.equals(infoOf(0).getCurrentReplicaLogDir()));
    }

    private ReplicaInfo replicaIn(String directory) throws Exception {
        return admin.describeLogDirs(List.of(broker)).allDescriptions().get().get(broker).get(directory)
            .replicaInfos().get(new TopicPartition(topic, 0));
    }

    private void limit(String bytesPerSecond) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, "" + broker);
        Collection<AlterConfigOp> ops = List.of(
            new AlterConfigOp(new ConfigEntry(RATE, bytesPerSecond), AlterConfigOp.OpType.SET));
        admin.incrementalAlterConfigs(Map.of(resource, ops)).all().get();
        Thread.sleep(300);
    }

    private String alter(String name, int partition, String directory) throws Exception {
        TopicPartitionReplica replica = new TopicPartitionReplica(name, partition, broker);
        try {
            admin.alterReplicaLogDirs(Map.of(replica, directory)).all().get(30, TimeUnit.SECONDS);
            return "accepted";
        } catch (ExecutionException thrown) {
            return thrown.getCause().getClass().getSimpleName();
        }
    }

    private ReplicaLogDirInfo infoOf(int partition) throws Exception {
        TopicPartitionReplica replica = new TopicPartitionReplica(topic, partition, broker);
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        for (;;) {
            ReplicaLogDirInfo info = admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica);
            if (info.getCurrentReplicaLogDir() != null) return info;
            if (System.currentTimeMillis() > deadline) throw new IllegalStateException("partition in no directory");
            Thread.sleep(5);
        }
    }

    private String otherThan(String directory) {
        return directory.equals(directories[0]) ? directories[1] : directories[0];
    }

    private void until(int partition, String directory) throws Exception {
        long deadline = System.currentTimeMillis() + PATIENCE_MS;
        while (!directory.equals(infoOf(partition).getCurrentReplicaLogDir())) {
            if (failure != null) throw failure;
            if (System.currentTimeMillis() > deadline) throw new IllegalStateException("no move to " + directory);
            Thread.sleep(5);
        }
    }

    private void produce() {
        byte[] padding = new byte[VALUE_BYTES];
        long[] next = new long[PARTITIONS];
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of("bootstrap.servers", bootstrap,
            "acks", "all", "delivery.timeout.ms", 120_000, "linger.ms", 1), new ByteArraySerializer(),
            new ByteArraySerializer())) {
            for (int index = 0; !stopping; index++) {
                int partition = index % PARTITIONS;
                byte[] key = Long.toString(next[partition]++).getBytes();
                producer.send(new ProducerRecord<>(topic, partition, key, padding), (sent, thrown) -> {
                    if (thrown != null) failure = thrown;
                    else acknowledged.incrementAndGet();
                });
                if (index % 10 == 0) Thread.sleep(1);
            }
        } catch (InterruptedException thrown) {
            failure = thrown;
        }
    }

    /** Until everything acknowledged is read and nothing more comes. */
    private void consume(Map<Integer, List<Long>> read) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrap,
            "auto.offset.reset", "none"),
            new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = new ArrayList<>();
            for (int partition = 0; partition < PARTITIONS; partition++) all.add(new TopicPartition(topic, partition));
            consumer.assign(all);
            consumer.seekToBeginning(all);
            int count = 0;
            boolean quiet = false;
            while (!stopping || count < acknowledged.get() || !quiet) {
                quiet = true;
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    read.computeIfAbsent(record.partition(), ignored -> new ArrayList<>())
                        .add(Long.parseLong(new String(record.key())));
                    count++;
                    quiet = false;
                }
            }
        } catch (RuntimeException thrown) {
            failure = thrown;
        }
    }
}
