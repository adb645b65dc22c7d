import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * End-to-end latency at a fixed rate, from the moment a record was due to the moment the consumer holds it.
 *
 * Open loop: a late sender does not shorten the latency of the records it delayed. Prints one JSON line with
 * percentiles in microseconds. Arguments: bootstrap topic ratePerSecond seconds recordBytes acks.
 */
public final class EndToEnd {
  public static void main(String[] arguments) throws Exception {
    String bootstrap = arguments[0], topic = arguments[1];
    int rate = Integer.parseInt(arguments[2]), seconds = Integer.parseInt(arguments[3]);
    int recordBytes = Integer.parseInt(arguments[4]);
    int warmup = rate * Math.min(5, seconds / 2), count = rate * seconds + warmup;
    long[] latencies = new long[count];
    KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Map.of(
        "bootstrap.servers", bootstrap, "fetch.min.bytes", 1, "auto.offset.reset", "latest"),
        new ByteArrayDeserializer(), new ByteArrayDeserializer());
    TopicPartition partition = new TopicPartition(topic, 0);
    consumer.assign(List.of(partition));
    consumer.seekToEnd(List.of(partition));
    consumer.position(partition);
    Thread sender = new Thread(() -> send(bootstrap, topic, arguments[5], rate, count, recordBytes));
    sender.start();
    int received = 0;
    long deadline = System.nanoTime() + (seconds + 60L) * 1_000_000_000L;
    while (received < count && System.nanoTime() < deadline) {
      for (var record : consumer.poll(Duration.ofMillis(100))) {
        latencies[received++] = System.nanoTime() - ByteBuffer.wrap(record.value()).getLong();
      }
    }
    sender.join();
    consumer.close();
    long[] measured = Arrays.copyOfRange(latencies, warmup, received);
    Arrays.sort(measured);
    System.out.printf("{\"count\":%d,\"lost\":%d,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"p9999\":%.1f,"
        + "\"max\":%.1f}%n", measured.length, count - received, at(measured, 0.5), at(measured, 0.9),
        at(measured, 0.99), at(measured, 0.999), at(measured, 0.9999), at(measured, 1));
  }

  private static double at(long[] sorted, double share) {
    return sorted[Math.min(sorted.length - 1, (int) (share * sorted.length))] / 1000.0;
  }

  private static void send(String bootstrap, String topic, String acks, int rate, int count, int recordBytes) {
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of(
        "bootstrap.servers", bootstrap, "acks", acks, "linger.ms", 0, "enable.idempotence", acks.equals("all")),
        new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.partitionsFor(topic);
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        long due = start + i * 1_000_000_000L / rate;
        while (System.nanoTime() < due) LockSupport.parkNanos(due - System.nanoTime());
        byte[] value = new byte[recordBytes];
        ByteBuffer.wrap(value).putLong(due);
        producer.send(new ProducerRecord<>(topic, 0, null, value));
      }
    }
  }
}
