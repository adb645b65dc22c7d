import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.internals.Exit;

/**
 * Runs Kafka's command-line tools one after another in one JVM, because starting a JVM for each
 * would take longer than all the checks together.
 *
 * Each line of standard input names a folder. It holds `args` (the tool and its arguments, each
 * ended by a zero byte) and perhaps `in` (the tool's standard input); the run leaves `out` and `err`
 * there, and its exit code is answered as one line on standard output.
 */
public final class Tools {
    private static final long HOOK_TIMEOUT_MS = 10_000;

    private static final Map<String, String> MAIN_CLASSES = Map.ofEntries(
        Map.entry("kafka-topics", "org.apache.kafka.tools.TopicCommand"),
        Map.entry("kafka-configs", "org.apache.kafka.tools.ConfigCommand"),
        Map.entry("kafka-consumer-groups", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
        Map.entry("kafka-share-groups", "org.apache.kafka.tools.consumer.group.ShareGroupCommand"),
        Map.entry("kafka-streams-groups", "org.apache.kafka.tools.streams.StreamsGroupCommand"),
        Map.entry("kafka-groups", "org.apache.kafka.tools.GroupsCommand"),
        Map.entry("kafka-get-offsets", "org.apache.kafka.tools.GetOffsetShell"),
        Map.entry("kafka-console-producer", "org.apache.kafka.tools.ConsoleProducer"),
        Map.entry("kafka-console-consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer"),
        Map.entry("kafka-delete-records", "org.apache.kafka.tools.DeleteRecordsCommand"),
        Map.entry("kafka-log-dirs", "org.apache.kafka.tools.LogDirsCommand"),
        Map.entry("kafka-broker-api-versions", "org.apache.kafka.tools.BrokerApiVersionsCommand"),
        Map.entry("kafka-reassign-partitions", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"),
        Map.entry("kafka-cluster", "org.apache.kafka.tools.ClusterTool"),
        Map.entry("kafka-transactions", "org.apache.kafka.tools.TransactionsCommand"),
        Map.entry("kafka-features", "org.apache.kafka.tools.FeatureCommand"),
        Map.entry("kafka-dump-log", "org.apache.kafka.tools.DumpLogSegments"));

    /** Unwinds a tool that asked to end the JVM. */
    private static final class Exited extends Error {
        Exited(String message) {
            super(message, null, false, false);
        }
    }

    /** The code of the first exit: tools that catch everything ask again, for their own unwinding. */
    private static volatile Integer exitCode;
    private static final List<Runnable> shutdownHooks = Collections.synchronizedList(new ArrayList<>());

    public static void main(String[] ignored) throws Exception {
        Exit.setExitProcedure(Tools::exit);
        Exit.setHaltProcedure(Tools::exit);
        Exit.setShutdownHookAdder((name, hook) -> shutdownHooks.add(hook));
        PrintStream answers = System.out;
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in));
        for (String folder = requests.readLine(); folder != null; folder = requests.readLine()) {
            answers.println(run(Path.of(folder)));
            answers.flush();
        }
        System.exit(0);
    }

    private static int run(Path folder) throws Exception {
        List<String> words = new ArrayList<>(List.of(Files.readString(folder.resolve("args")).split("\0")));
        Method main = Class.forName(MAIN_CLASSES.get(words.remove(0))).getMethod("main", String[].class);
        PrintStream err = System.err;
        Path input = folder.resolve("in");
        try (PrintStream toolOut = new PrintStream(folder.resolve("out").toFile());
             PrintStream toolErr = new PrintStream(folder.resolve("err").toFile());
             InputStream toolIn = Files.exists(input) ? new FileInputStream(input.toFile())
                 : new ByteArrayInputStream(new byte[0])) {
            System.setOut(toolOut);
            System.setErr(toolErr);
            System.setIn(toolIn);
            return invoke(main, words.toArray(String[]::new));
        } finally {
            System.setErr(err);
        }
    }

    private static int invoke(Method main, String[] args) throws Exception {
        exitCode = null;
        try {
            main.invoke(null, (Object) args);
        } catch (InvocationTargetException thrown) {
            if (exitCode == null) {
                thrown.getCause().printStackTrace();
                exitCode = 1;
            }
        }
        int code = exitCode == null ? 0 : exitCode;
        // Some tools close their client in a hook, and print their last line there.
        for (Runnable hook : List.copyOf(shutdownHooks)) {
            Thread thread = new Thread(hook);
            thread.setDaemon(true);
            thread.start();
            thread.join(HOOK_TIMEOUT_MS);
        }
        shutdownHooks.clear();
        return code;
    }

    private static void exit(int code, String message) {
        if (exitCode == null) {
            exitCode = code;
            if (message != null) System.err.println(message);
        }
        throw new Exited(message == null ? "exit " + code : message);
    }
}
