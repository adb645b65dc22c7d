import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes input: BOOTSTRAP TOPIC PARTITIONS. Each line of standard input asks for so many records more, and is answered
 * with how many there are in all once every one of them is acknowledged. Record n goes to partition n modulo
 * PARTITIONS; its value is its number and three words, each of a vocabulary of its own.
 */
public final class Feed {
    private static final int[] VOCABULARIES = {97, 89, 83};

    public static void main(String[] args) throws Exception {
        int partitions = Integer.parseInt(args[2]);
        Map<String, Object> settings = Map.of("bootstrap.servers", args[0], "delivery.timeout.ms", 600_000,
            "request.timeout.ms", 10_000, "reconnect.backoff.max.ms", 200, "linger.ms", 5);
        long next = 0;
        try (KafkaProducer<String, String> producer =
                 new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
             BufferedReader orders = new BufferedReader(new InputStreamReader(System.in))) {
            for (String line = orders.readLine(); line != null; line = orders.readLine()) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (long end = next + Long.parseLong(line); next < end; next++) {
                    sent.add(producer.send(new ProducerRecord<>(args[1], (int) (next % partitions), null, value(next))));
                }
                for (Future<RecordMetadata> each : sent) each.get();
                System.out.println(next);
            }
        }
    }

    private static String value(long number) {
        StringBuilder text = new StringBuilder(String.format("%012d", number));
        for (int vocabulary : VOCABULARIES) text.append(" word").append(vocabulary).append('-').append(number % vocabulary);
        return text.toString();
    }
}
