import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A topic that is written all the time, and the group whose members read it. */
final class Scene implements AutoCloseable {
    static final int PARTITIONS = 12;
    private static final long PATIENCE_MS = 120_000;
    private static final long RECORDS_APART_MS = 5;

    final String bootstrap;
    final String topic;
    final String group;
    final Taken taken = new Taken();
    final List<Member> members = new ArrayList<>();
    private final Admin admin;
    private final Thread producing;
    private volatile boolean stopping;
    private volatile int produced;
    private volatile Exception failure;

    Scene(String bootstrap, String name) throws Exception {
        this.bootstrap = bootstrap;
        topic = name;
        group = name + "-group";
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
        admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get(60, TimeUnit.SECONDS);
        producing = new Thread(this::produce);
        producing.setDaemon(true);
        producing.start();
    }

    private void produce() {
        try (KafkaProducer<byte[], String> producer = new KafkaProducer<>(Map.of("bootstrap.servers", bootstrap,
            "acks", "all"), new ByteArraySerializer(), new StringSerializer())) {
            for (int index = 0; !stopping; index++) {
                producer.send(new ProducerRecord<>(topic, index % PARTITIONS, null, "record-" + index),
                    (sent, thrown) -> { if (thrown != null) failure = thrown; });
                produced = index + 1;
                Thread.sleep(RECORDS_APART_MS);
            }
            producer.flush();
        } catch (Exception thrown) {
            failure = thrown;
        }
    }

    Member join(String protocol, Map<String, Object> more) {
        Member member = new Member(this, protocol, more);
        members.add(member);
        member.start();
        return member;
    }

    void leave(Member member) throws Exception {
        members.remove(member);
        member.leave();
    }

    /** Until all partitions are owned once, every member has a fair share and lives in the same generation. */
    void settle(String when) throws Exception {
        await(when + ", settled", () -> {
            Set<Integer> all = new TreeSet<>();
            int owned = 0;
            Set<Integer> generations = new TreeSet<>();
            for (Member member : members) {
                all.addAll(member.owned);
                owned += member.owned.size();
                generations.add(member.generation);
                if (member.owned.size() < PARTITIONS / members.size()) return false;
            }
            return owned == PARTITIONS && all.size() == PARTITIONS && generations.size() == 1;
        });
    }

    /** Until the group has taken all that was produced so far. */
    void catchUp(String when) throws Exception {
        int wanted = produced;
        await(when + ", caught up", () -> taken.distinct() >= wanted);
    }

    void await(String what, BooleanSupplier condition) throws Exception {
        long deadlineMs = System.currentTimeMillis() + PATIENCE_MS;
        while (!condition.getAsBoolean()) {
            for (Member member : members) if (member.failure != null) throw member.failure;
            if (System.currentTimeMillis() > deadlineMs) {
                StringBuilder seen = new StringBuilder(what + ": did not come true;");
                for (Member member : members) {
                    seen.append(" ").append(member.generation).append(member.owned).append(member.history);
                }
                throw new IllegalStateException(seen.toString());
            }
            Thread.sleep(20);
        }
    }

    void isOfType(String type, String when) throws Exception {
        for (GroupListing listing : admin.listGroups().all().get(60, TimeUnit.SECONDS)) {
            if (!listing.groupId().equals(group)) continue;
            String found = listing.type().map(Object::toString).orElse("none");
            if (!found.equals(type)) throw new IllegalStateException(when + " the group is of type " + found);
            return;
        }
        throw new IllegalStateException(when + " the group is not listed");
    }

    /** Everything was delivered, and nothing twice: what was taken is committed before partitions move. */
    void end(boolean mayRepeat) throws Exception {
        stopping = true;
        producing.join(60_000);
        if (failure != null) throw failure;
        catchUp("at the end");
        for (Member member : List.copyOf(members)) leave(member);
        if (taken.distinct() != produced || (taken.repeated() > 0 && !mayRepeat)) {
            throw new IllegalStateException(taken.distinct() + " of " + produced + " delivered, " + taken.repeated() + " repeated");
        }
    }

    int produced() { return produced; }

    @Override
    public void close() throws Exception {
        stopping = true;
        admin.deleteTopics(List.of(topic)).all().get(60, TimeUnit.SECONDS);
        admin.close();
    }
}
