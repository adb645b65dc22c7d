import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Leaves behind what Kafka's transactions tool is for: BOOTSTRAP TOPIC, which is created with two partitions.
 *
 * Partition 0: a transaction of TOPIC-done that was committed, one of TOPIC-stopped that was aborted, and one of
 * TOPIC-open that stays open. Partition 1: records of a transaction that no coordinator knows, an hour old, as clients
 * before transaction version 2 could leave them; the broker's verification is off while they are written.
 */
public final class Hanging {
    private static final short PRODUCE_VERSION = 11;
    private static final long HANGING_PRODUCER_ID = 123_456_789;
    private static final ConfigResource EVERY_BROKER = new ConfigResource(ConfigResource.Type.BROKER, "");

    private final String bootstrap;
    private final String topic;

    private Hanging(String[] args) {
        bootstrap = args[0];
        topic = args[1];
    }

    public static void main(String[] args) throws Exception {
        new Hanging(args).run();
        // No client is closed: that would abort the open transaction.
        Runtime.getRuntime().halt(0);
    }

    private void run() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1))).all().get(30, TimeUnit.SECONDS);
            begin("done").commitTransaction();
            begin("stopped").abortTransaction();
            begin("open");
            verify(admin, false);
            try {
                hang();
            } finally {
                verify(admin, true);
            }
        }
    }

    /** Two records in partition 0. */
    private KafkaProducer<String, String> begin(String name) throws Exception {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrap,
            "transactional.id", topic + "-" + name, "transaction.timeout.ms", 600_000));
        KafkaProducer<String, String> producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        producer.beginTransaction();
        for (int i = 0; i < 2; i++) producer.send(new ProducerRecord<>(topic, 0, null, name)).get(30, TimeUnit.SECONDS);
        return producer;
    }

    private void verify(Admin admin, boolean enabled) throws Exception {
        ConfigEntry entry = new ConfigEntry("transaction.partition.verification.enable", String.valueOf(enabled));
        AlterConfigOp.OpType type = enabled ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET;
        admin.incrementalAlterConfigs(Map.of(EVERY_BROKER, List.of(new AlterConfigOp(entry, type))))
            .all().get(30, TimeUnit.SECONDS);
    }

    /** A change of configuration takes a moment to arrive in Kafka. */
    private void hang() throws Exception {
        Errors error = Errors.NONE;
        for (int attempt = 0; attempt < 50; attempt++) {
            error = produce();
            if (error == Errors.NONE) return;
            Thread.sleep(100);
        }
        throw new IllegalStateException("the hanging records were refused: " + error);
    }

    private Errors produce() throws Exception {
        long hourAgo = System.currentTimeMillis() - TimeUnit.HOURS.toMillis(1);
        MemoryRecords records = MemoryRecords.withTransactionalRecords(Compression.NONE, HANGING_PRODUCER_ID, (short) 0, 0,
            new SimpleRecord(hourAgo, "hanging".getBytes()), new SimpleRecord(hourAgo, "hanging".getBytes()));
        ProduceRequestData data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(10_000)
            .setTransactionalId(topic + "-hanging");
        data.topicData().add(new ProduceRequestData.TopicProduceData().setName(topic).setPartitionData(List.of(
            new ProduceRequestData.PartitionProduceData().setIndex(1).setRecords(records))));
        RequestHeader header = new RequestHeader(ApiKeys.PRODUCE, PRODUCE_VERSION, "hanging", 1);
        ByteBuffer request = ProduceRequest.builder(data).build(PRODUCE_VERSION).serializeWithHeader(header);
        String[] address = bootstrap.split(":");
        try (Socket socket = new Socket(address[0], Integer.parseInt(address[1]))) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(request.remaining());
            out.write(request.array(), request.arrayOffset() + request.position(), request.remaining());
            out.flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            ByteBuffer response = ByteBuffer.wrap(in.readNBytes(in.readInt()));
            ResponseHeader.parse(response, ApiKeys.PRODUCE.responseHeaderVersion(PRODUCE_VERSION));
            ProduceResponseData answer = new ProduceResponseData(new ByteBufferAccessor(response), PRODUCE_VERSION);
            return Errors.forCode(answer.responses().iterator().next().partitionResponses().get(0).errorCode());
        }
    }
}
