import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Compares two topics as a consumer with read_committed sees them: BOOTSTRAP copies|counts INPUT OUTPUT. Prints one
 * JSON object: figures, and the first problems found.
 *
 * copies: each partition of OUTPUT holds the very values of that partition of INPUT, in their order.
 * counts: OUTPUT holds, for each word of INPUT, the counts 1, 2, 3 up to how often it stands there, each once, in order.
 */
public final class Compare {
    private static final int PROBLEMS_MAX = 5;
    private static final Duration POLL = Duration.ofSeconds(1);
    /** So many polls without a record or a step forward mean that no more will come. */
    private static final int QUIET_POLLS_MAX = 60;

    private final String bootstrap;
    private final List<String> problems = new ArrayList<>();

    private Compare(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static void main(String[] args) {
        Compare compare = new Compare(args[0]);
        String figures = args[1].equals("copies") ? compare.copies(args[2], args[3]) : compare.counts(args[2], args[3]);
        StringBuilder quoted = new StringBuilder();
        for (String problem : compare.problems) {
            quoted.append(quoted.length() == 0 ? "" : ", ").append('"').append(problem.replace("\"", "'")).append('"');
        }
        System.out.println("{" + figures + ", \"problems\": [" + quoted + "]}");
        System.exit(0);
    }

    private String copies(String input, String output) {
        Map<Integer, List<String>> wanted = new HashMap<>();
        Map<Integer, Integer> found = new HashMap<>();
        long inputs = read(input, "read_committed", new StringDeserializer(),
            record -> wanted.computeIfAbsent(record.partition(), key -> new ArrayList<>()).add(record.value())).records;
        long outputs = read(output, "read_committed", new StringDeserializer(), record -> {
            int at = found.merge(record.partition(), 1, Integer::sum) - 1;
            List<String> values = wanted.getOrDefault(record.partition(), List.of());
            String due = at < values.size() ? values.get(at) : "nothing";
            if (!due.equals(record.value())) {
                problem(record, "is " + record.value() + ", due was " + due);
            }
        }).records;
        wanted.forEach((partition, values) -> {
            int count = found.getOrDefault(partition, 0);
            if (count < values.size()) problem("partition " + partition + " lacks " + (values.size() - count) + " at its end");
        });
        return figures(inputs, outputs, output);
    }

    private String counts(String input, String output) {
        Map<String, Long> wanted = new HashMap<>();
        Map<String, Long> found = new HashMap<>();
        long inputs = read(input, "read_committed", new StringDeserializer(), record -> {
            String[] words = record.value().split(" ");
            for (int i = 1; i < words.length; i++) wanted.merge(words[i], 1L, Long::sum);
        }).records;
        long outputs = read(output, "read_committed", new LongDeserializer(), record -> {
            long due = found.merge(record.key(), 1L, Long::sum);
            if (record.value() != due) problem(record, "counts " + record.value() + " of " + record.key() + ", due was " + due);
        }).records;
        wanted.forEach((word, count) -> {
            if (!count.equals(found.get(word))) problem(word + " was counted " + found.get(word) + " times, not " + count);
        });
        if (found.size() != wanted.size()) problem(found.size() + " words instead of " + wanted.size());
        return figures(inputs, outputs, output);
    }

    /** Whatever more is seen without isolation was aborted; offsets without a record are those of markers. */
    private String figures(long inputs, long outputs, String output) {
        Read all = read(output, "read_uncommitted", new StringDeserializer(), record -> { });
        return String.format("\"input\": %d, \"output\": %d, \"aborted\": %d, \"markers\": %d",
            inputs, outputs, all.records - outputs, all.offsets - all.records);
    }

    private record Read(long records, long offsets) { }

    private <V> Read read(String topic, String isolation, Deserializer<V> values, Consumer<ConsumerRecord<String, V>> each) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrap, "isolation.level", isolation,
            "max.poll.records", 10_000, "enable.auto.commit", false);
        try (KafkaConsumer<String, V> consumer = new KafkaConsumer<>(settings, new StringDeserializer(), values)) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long records = 0;
            long reached = -1;
            for (int quiet = 0; positions(consumer, partitions) < sum(ends); quiet++) {
                if (positions(consumer, partitions) > reached) quiet = 0;
                reached = positions(consumer, partitions);
                if (quiet > QUIET_POLLS_MAX) {
                    problem("reading " + topic + " with " + isolation + " stops at " + reached + " of " + sum(ends));
                    break;
                }
                for (ConsumerRecord<String, V> record : consumer.poll(POLL)) {
                    each.accept(record);
                    records++;
                }
            }
            return new Read(records, sum(ends));
        }
    }

    private static long positions(KafkaConsumer<?, ?> consumer, List<TopicPartition> partitions) {
        return partitions.stream().mapToLong(consumer::position).sum();
    }

    private static long sum(Map<TopicPartition, Long> offsets) {
        return offsets.values().stream().mapToLong(Long::longValue).sum();
    }

    private void problem(ConsumerRecord<String, ?> record, String text) {
        problem(record.topic() + "-" + record.partition() + " at " + record.offset() + " " + text);
    }

    private void problem(String text) {
        if (problems.size() < PROBLEMS_MAX) problems.add(text);
    }
}
