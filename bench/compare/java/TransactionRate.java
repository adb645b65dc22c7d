import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * BOOTSTRAP TOPIC TRANSACTIONS RECORDS BYTES: one producer, one transaction after the other, each of RECORDS records.
 * A quarter as many come before the measured ones. Prints transactions per second.
 */
public final class TransactionRate {
    public static void main(String[] args) {
        int transactions = Integer.parseInt(args[2]);
        int records = Integer.parseInt(args[3]);
        byte[] value = new byte[Integer.parseInt(args[4])];
        Map<String, Object> config = Map.of("bootstrap.servers", args[0], "transactional.id", args[1] + "-rate");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            run(producer, args[1], transactions / 4, records, value);
            long start = System.nanoTime();
            run(producer, args[1], transactions, records, value);
            System.out.println(transactions * 1e9 / (System.nanoTime() - start));
        }
    }

    private static void run(
            KafkaProducer<byte[], byte[]> producer, String topic, int transactions, int records, byte[] value) {
        for (int i = 0; i < transactions; i++) {
            producer.beginTransaction();
            for (int j = 0; j < records; j++) producer.send(new ProducerRecord<>(topic, value));
            producer.commitTransaction();
        }
    }
}
