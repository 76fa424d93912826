package io.penstock.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Random;

/** What docs/architecture.md says of this module. */
@AnalyzeClasses(packages = "io.penstock.broker", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String ROOT = "io.penstock.broker";

    @ArchTest
    static final ArchRule NO_JMS_IN_THE_BROKER = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta..", "javax.jms..", "io.penstock.jms..");

    @ArchTest
    static final ArchRule KAFKA_CLIENTS_ONLY_AT_THE_EDGE = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".wire..", ROOT + ".request..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule NETTY_ONLY_IN_WIRE_AND_THE_ROOT = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".wire..", ROOT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..");

    @ArchTest
    static final ArchRule ZOOKEEPER_ONLY_IN_ITS_PACKAGE = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".zookeeper..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.zookeeper..", "org.apache.curator..");

    @ArchTest
    static final ArchRule NOBODY_KNOWS_THE_ROOT = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT);

    @ArchTest
    static final ArchRule ONLY_THE_ROOT_KNOWS_THE_WIRE_AND_ZOOKEEPER = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT, ROOT + ".wire..", ROOT + ".zookeeper..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".wire..", ROOT + ".zookeeper..");

    @ArchTest
    static final ArchRule THE_WIRE_KNOWS_REQUESTS_ALONE = noClasses()
            .that()
            .resideInAPackage(ROOT + ".wire..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + ".request.*..",
                    ROOT + ".delivery..",
                    ROOT + ".group..",
                    ROOT + ".transaction..",
                    ROOT + ".zookeeper..");

    @ArchTest
    static final ArchRule ENGINES_DO_NOT_KNOW_REQUESTS = noClasses()
            .that()
            .resideInAnyPackage(ROOT + ".delivery..", ROOT + ".group..", ROOT + ".transaction..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".request..");

    @ArchTest
    static final ArchRule PARTITIONS_KNOW_NONE_OF_THEIR_USERS = noClasses()
            .that()
            .resideInAPackage(ROOT + ".partition..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".request..", ROOT + ".delivery..", ROOT + ".group..", ROOT + ".transaction..");

    @ArchTest
    static final ArchRule METADATA_AND_CONFIG_STAND_BELOW = noClasses()
            .that()
            .resideInAnyPackage(ROOT + ".metadata..", ROOT + ".config..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + ".request..",
                    ROOT + ".delivery..",
                    ROOT + ".group..",
                    ROOT + ".transaction..",
                    ROOT + ".partition..");

    /** ZooKeeper's server needs real time and its own threads; nobody simulates it. */
    @ArchTest
    static final ArchRule TIME_CHANCE_AND_FILES_COME_THROUGH_PORTS = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".wire..", ROOT + ".zookeeper..")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callConstructor(Random.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(FileChannel.class);

    @ArchTest
    static final ArchRule THE_WIRE_LOOKS_AT_NO_CLOCK = noClasses()
            .that()
            .resideInAPackage(ROOT + ".wire..")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class);

    @ArchTest
    static final ArchRule SLF4J_IS_THE_ONLY_LOG = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.logging..", "ch.qos.logback..", "org.apache.logging..")
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static void everyPackageSaysWhatItIs(JavaClasses classes) {
        List<String> silent = classes.stream()
                .map(each -> each.getPackage())
                .distinct()
                .filter(each -> each.getClasses().stream().noneMatch(ArchitectureTest::isPackageInfo))
                .map(JavaPackage::getName)
                .filter(ArchitectureTest::withoutPackageInfo)
                .toList();
        assertTrue(silent.isEmpty(), () -> "packages without package-info: " + silent);
    }

    private static boolean isPackageInfo(com.tngtech.archunit.core.domain.JavaClass each) {
        return each.getSimpleName().equals("package-info");
    }

    /** A package-info without annotations leaves no class: its source is looked at. */
    private static boolean withoutPackageInfo(String name) {
        return !java.nio.file.Files.exists(
                java.nio.file.Path.of("src/main/java", name.replace('.', '/'), "package-info.java"));
    }
}
