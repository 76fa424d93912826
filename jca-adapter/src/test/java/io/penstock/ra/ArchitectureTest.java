package io.penstock.ra;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The adapter is an application of the client's: jca-adapter -> jms-provider; ra -> inbound -> ra.client. */
@AnalyzeClasses(packages = "io.penstock.ra", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    /** Published, or made for those who wrap sessions. */
    private static final DescribedPredicate<JavaClass> PUBLIC_CLIENT = DescribedPredicate.describe(
            "public types of io.penstock.jms",
            type -> type.getPackageName().equals("io.penstock.jms")
                    || type.getName().equals("io.penstock.jms.session.BodyReceiver")
                    || type.getName().equals("io.penstock.jms.session.ContextConsumer")
                    || type.getName().equals("io.penstock.jms.session.ContextProducer")
                    || type.getName().equals("io.penstock.jms.session.Domain")
                    || type.getName().startsWith("io.penstock.jms.session.JmsExceptions"));

    private static final DescribedPredicate<JavaClass> APIS = JavaClass.Predicates.resideInAnyPackage(
            "java..",
            "javax.naming..",
            "javax.security.auth..",
            "javax.transaction.xa..",
            "jakarta.resource..",
            "jakarta.jms..",
            "jakarta.transaction..",
            "jakarta.validation..",
            "org.slf4j..",
            "io.penstock.ra..");

    @ArchTest
    static final ArchRule itIsAnApplicationOfTheClient = classes()
            .should()
            .onlyDependOnClassesThat(APIS.or(PUBLIC_CLIENT).or(JavaClass.Predicates.assignableTo(Object[].class)));

    @ArchTest
    static final ArchRule endpointsDoNotKnowTheBeans = noClasses()
            .that()
            .resideInAPackage("..ra.inbound..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.penstock.ra");

    @ArchTest
    static final ArchRule connectionsKnowNothingAbove = noClasses()
            .that()
            .resideInAPackage("..ra.client..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.penstock.ra", "..ra.inbound..");

    @ArchTest
    static final ArchRule timeIsTheContainers = noClasses()
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class);
}
