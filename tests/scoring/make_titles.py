"""Write `titles.csv`: job titles in five languages with what they mean, from parts and from exceptions.

Run `python -m tests.scoring.make_titles` after a change of the parts. Parts and exceptions were written by hand.
"""

import csv
from pathlib import Path

FILE = Path(__file__).parent / "titles.csv"
Parts = list[tuple[str, str]]
"""A part of a title, and what it means: a department and its function, or a pattern and its seniority."""

DEPARTMENTS: dict[str, Parts] = {
    "en": [
        ("Marketing", "marketing"), ("Product Marketing", "marketing"), ("Demand Generation", "marketing"),
        ("Brand", "marketing"), ("Growth Marketing", "marketing"), ("Corporate Communications", "marketing"),
        ("Field Marketing", "marketing"), ("Sales", "sales"), ("Inside Sales", "sales"),
        ("Sales Development", "sales"), ("Business Development", "sales"), ("Partnerships", "sales"),
        ("Revenue", "sales"), ("Operations", "operations"),
        ("RevOps", "operations"), ("CRM", "operations"), ("Finance", "other"), ("IT", "other"), ("Legal", "other"),
        ("Human Resources", "other"), ("Procurement", "other"), ("Engineering", "other"), ("Quality", "other"),
        ("Logistics", "other"), ("Data Science", "other"), ("Customer Support", "other"), ("Facilities", "other"),
        ("Student Success", "other"), ("Pupil Services", "other"), ("Student Affairs", "other"),
    ],
    "de": [
        ("Marketing", "marketing"), ("Produktmarketing", "marketing"), ("Kommunikation", "marketing"),
        ("Unternehmenskommunikation", "marketing"), ("Veranstaltungen", "marketing"), ("Vertrieb", "sales"),
        ("Verkauf", "sales"), ("Außendienst", "sales"), ("Vertriebsinnendienst", "sales"),
        ("Prozessmanagement", "operations"), ("CRM", "operations"), ("Einkauf", "other"), ("Buchhaltung", "other"),
        ("Personal", "other"), ("IT", "other"), ("Recht", "other"), ("Controlling", "other"), ("Logistik", "other"),
        ("Qualitätssicherung", "other"), ("Produktion", "other"), ("Entwicklung", "other"), ("Finanzen", "other"),
        ("Kundendienst", "other"), ("Bewerbermanagement", "other"), ("Studierendenservice", "other"),
    ],
    "fr": [
        ("marketing", "marketing"), ("communication", "marketing"), ("marketing digital", "marketing"),
        ("événementiel", "marketing"), ("marketing produit", "marketing"), ("développement commercial", "sales"),
        ("ventes", "sales"), ("ventes internationales", "sales"), ("opérations", "operations"), ("CRM", "operations"),
        ("achats", "other"), ("comptabilité", "other"), ("ressources humaines", "other"), ("informatique", "other"),
        ("juridique", "other"), ("logistique", "other"), ("qualité", "other"), ("production", "other"),
        ("recherche", "other"), ("finances", "other"), ("support client", "other"), ("vie étudiante", "other"),
        ("réussite étudiante", "other"),
    ],
    "es": [
        ("Marketing", "marketing"), ("Comunicación", "marketing"), ("Mercadotecnia", "marketing"),
        ("Marketing Digital", "marketing"), ("Marketing de Producto", "marketing"), ("Ventas", "sales"),
        ("Desarrollo de Negocio", "sales"), ("Ventas Internacionales", "sales"), ("Operaciones", "operations"),
        ("CRM", "operations"), ("Compras", "other"), ("Contabilidad", "other"), ("Recursos Humanos", "other"),
        ("Sistemas", "other"), ("Logística", "other"), ("Calidad", "other"), ("Producción", "other"),
        ("Finanzas", "other"), ("Atención al Cliente", "other"), ("Vida Estudiantil", "other"),
        ("Asuntos Estudiantiles", "other"), ("Tecnología", "other"),
    ],
    "pt": [
        ("Marketing", "marketing"), ("Comunicação", "marketing"), ("Marketing Digital", "marketing"),
        ("Marketing de Produto", "marketing"), ("Crescimento", "marketing"), ("Vendas", "sales"),
        ("Desenvolvimento de Negócios", "sales"), ("Vendas Internacionais", "sales"), ("Operações", "operations"),
        ("CRM", "operations"), ("Compras", "other"), ("Contabilidade", "other"), ("Recursos Humanos", "other"),
        ("TI", "other"), ("Logística", "other"), ("Qualidade", "other"), ("Produção", "other"), ("Finanças", "other"),
        ("Atendimento ao Cliente", "other"), ("Vida Estudantil", "other"), ("Assuntos Estudantis", "other"),
        ("Jurídico", "other"),
    ],
}  # fmt: skip
PATTERNS: dict[str, Parts] = {
    "en": [
        ("Director of {}", "director"), ("Head of {}", "director"), ("VP {}", "director"), ("SVP, {}", "director"),
        ("Vice President of {}", "director"), ("Senior Director, {}", "director"), ("{} Director EMEA", "director"),
        ("{} Manager", "manager"), ("Senior {} Manager", "manager"), ("{} Team Lead", "manager"),
        ("{} Teamlead", "manager"), ("{} Coordinator", "manager"), ("{} Specialist", "other"), ("{} Analyst", "other"),
        ("Junior {} Associate", "other"), ("Assistant to the Director of {}", "other"),
    ],
    "de": [
        ("Leiter {}", "director"), ("Leiterin {}", "director"), ("Leitung {}", "director"),
        ("Bereichsleiterin {}", "director"), ("Abteilungsleiter {}", "director"), ("Direktorin {}", "director"),
        ("Head of {}", "director"), ("Teamleiter {}", "manager"), ("Teamleitung {}", "manager"),
        ("Teamlead {}", "manager"), ("Manager {}", "manager"), ("Koordinatorin {}", "manager"),
        ("Referent {}", "other"), ("Sachbearbeiterin {}", "other"), ("Mitarbeiter {}", "other"),
        ("Assistenz {}", "other"), ("Assistentin der Leitung {}", "other"),
    ],
    "fr": [
        ("Directeur {}", "director"), ("Directrice {}", "director"), ("Directrice adjointe {}", "director"),
        ("Vice-président {}", "director"), ("Directeur régional {}", "director"), ("Responsable {}", "manager"),
        ("Responsable senior {}", "manager"), ("Chef de projet {}", "manager"), ("Cheffe de service {}", "manager"),
        ("Coordinatrice {}", "manager"), ("Chargée de mission {}", "other"), ("Chargé {}", "other"),
        ("Analyste {}", "other"), ("Conseillère {}", "other"), ("Assistante {}", "other"),
    ],
    "es": [
        ("Director de {}", "director"), ("Directora de {}", "director"), ("Subdirectora de {}", "director"),
        ("Vicepresidente de {}", "director"), ("Directora Regional de {}", "director"), ("Gerente de {}", "manager"),
        ("Jefe de {}", "manager"), ("Jefa de {}", "manager"), ("Responsable de {}", "manager"),
        ("Coordinadora de {}", "manager"), ("Analista de {}", "other"), ("Técnico de {}", "other"),
        ("Especialista en {}", "other"), ("Asistente de {}", "other"), ("Auxiliar de {}", "other"),
    ],
    "pt": [
        ("Diretor de {}", "director"), ("Diretora de {}", "director"), ("Diretora Executiva de {}", "director"),
        ("Vice-presidente de {}", "director"), ("Superintendente de {}", "director"), ("Gerente de {}", "manager"),
        ("Coordenadora de {}", "manager"), ("Supervisor de {}", "manager"), ("Líder de {}", "manager"),
        ("Gestora de {}", "manager"), ("Analista de {}", "other"), ("Especialista em {}", "other"),
        ("Consultor de {}", "other"), ("Assistente de {}", "other"), ("Auxiliar de {}", "other"),
    ],
}  # fmt: skip

EXCEPTIONS = """
en | CEO | director | leadership | other
en | Founder & CEO | director | leadership | other
en | Co-Founder | director | leadership | other
en | Chairman of the Board | director | leadership | other
en | Chairwoman | director | leadership | other
en | CMO | director | marketing | other
en | CRO | director | sales | other
en | COO | director | operations | other
en | CDO | director | other | other
en | CHRO | director | other | other
en | CISO | director | other | other
en | CTO | director | other | other
en | Chief Digital Officer | director | other | other
en | Chief Data Officer | director | other | other
en | Chief People Officer | director | other | other
en | General Manager | director | leadership | other
en | Managing Partner | director | leadership | other
en | Member of the Board of Directors | director | other | other
en | Chief of Staff | other | other | other
en | Executive Assistant to the CEO | other | other | other
en | EA to the CEO | other | other | other
en | Personal Assistant to the Managing Director | other | other | other
en | Assistant to the President | other | other | other
en | Secretary to the Managing Director | other | other | other
en | Administrative Assistant | other | other | other
en | Assistant General Manager | director | leadership | other
en | Assistant Vice President | director | other | other
en | Secretary General | director | other | other
en | Student Success Director | director | other | other
en | VP Pupil Services | director | other | other
en | Director of Intern Programs | director | other | other
en | Intern Program Manager | manager | other | other
en | Student Recruitment Officer | other | other | other
en | Head of Student Marketing | director | marketing | other
en | Director of Apprenticeships | director | other | other
en | Dean of Students | other | other | other
en | Student Finance Adviser | other | other | other
en | Student | other | other | student
en | PhD Student | other | other | student
en | MBA student, Marketing | other | marketing | student
en | Marketing Intern | other | marketing | student
en | Intern, Office of the CEO | other | - | student
en | Sales Internship | other | sales | student
en | Summer Intern | other | other | student
en | Undergraduate Research Student | other | other | student
en | Apprentice Electrician | other | other | student
en | PhD candidate in Biology | other | other | student
en | Unemployed | other | other | job seeker
en | Looking for a job in sales | other | sales | job seeker
en | Open to work | other | other | job seeker
en | Internal Auditor | other | other | other
en | International Sales Manager | manager | sales | other
en | Internet Marketing Manager | manager | marketing | other
en | Recruiter | other | other | other
en | Tech Lead | manager | other | other
en | Squad Lead Growth | manager | marketing | other
en | Shift Supervisor | manager | other | other
en | Nurse | other | other | other
en | Software Engineer | other | other | other
en | Accountant | other | other | other
en | Account Executive | other | sales | other
en | SDR | other | sales | other
de | Geschäftsführer | director | leadership | other
de | Geschäftsführende Gesellschafterin | director | leadership | other
de | Mitglied der Geschäftsleitung | director | leadership | other
de | Vorstand | director | leadership | other
de | Vorstandsvorsitzende | director | leadership | other
de | Finanzvorstand | - | - | other
de | Inhaber | director | leadership | other
de | Gründerin | director | leadership | other
de | Prokuristin | director | other | other
de | Vertriebsleiter | director | sales | other
de | Marketingleitung | director | marketing | other
de | Kaufmännischer Leiter | director | other | other
de | Betriebsleiter | director | operations | other
de | Vertriebsdirektor | director | sales | other
de | Aufsichtsrätin | - | other | other
de | Teamlead Vertrieb | manager | sales | other
de | Team-Lead | manager | other | other
de | Gruppenleiterin | manager | other | other
de | Projektleiter | manager | other | other
de | Datenschutzbeauftragter | manager | other | other
de | Key-Account-Managerin | manager | other | other
de | Vorstandsassistenz | other | other | other
de | Vorstandsassistentin | other | other | other
de | Assistentin der Geschäftsführung | other | other | other
de | Assistenz der Geschäftsleitung | other | other | other
de | Sekretariat Geschäftsführung | other | other | other
de | Direktionssekretärin | other | other | other
de | Chefsekretärin | other | other | other
de | Teamassistenz | other | other | other
de | Vertriebsassistentin | other | sales | other
de | Assistent des Vorstands | other | other | other
de | Leiter Vorstandsassistenz | director | other | other
de | Leiterin Bewerbermanagement | director | other | other
de | Referentin Bewerbermanagement | other | other | other
de | Leiterin Studierendenservice | director | other | other
de | Geschäftsführer Studentenwerk | director | leadership | other
de | Studierendenberatung | other | other | other
de | Leitung Praktikantenprogramm | director | other | other
de | Student | other | other | student
de | Studentin der BWL | other | other | student
de | Werkstudent | other | other | student
de | Werkstudentin Marketing | other | marketing | student
de | Werkstudent Geschäftsführung | other | - | student
de | Praktikant | other | other | student
de | Praktikantin Vertriebsleitung | other | sales | student
de | Marketingpraktikant | other | marketing | student
de | Auszubildende | other | other | student
de | Azubi | other | other | student
de | Auszubildender zum Industriekaufmann | other | other | student
de | Duales Studium BWL | other | other | student
de | Doktorandin | other | other | student
de | Schüler | other | other | student
de | Lehrling | other | other | student
de | Arbeitssuchend | other | other | job seeker
de | Bewerber | other | other | job seeker
de | arbeitslos | other | other | job seeker
de | Sachbearbeiterin | other | other | other
de | Ingenieur | other | other | other
de | Hausmeister | - | other | other
de | Krankenschwester | other | other | other
de | Einkäufer | other | other | other
fr | PDG | director | leadership | other
fr | Directrice générale | director | leadership | other
fr | Directeur général adjoint | director | leadership | other
fr | DAF | director | other | other
fr | DRH | director | other | other
fr | DSI | director | other | other
fr | Président | director | leadership | other
fr | Cofondatrice | director | leadership | other
fr | Gérant | director | leadership | other
fr | Secrétaire générale | director | other | other
fr | Chef d'équipe | manager | other | other
fr | Chef de produit | manager | other | other
fr | Chef des ventes | manager | sales | other
fr | Directrice vie étudiante | director | other | other
fr | Responsable de l'alternance | manager | other | other
fr | Responsable relations étudiantes | manager | other | other
fr | Chargée de l'apprentissage | other | other | other
fr | Conseiller vie étudiante | other | other | other
fr | Assistante de direction | other | other | other
fr | Assistant du directeur général | other | other | other
fr | Assistante du PDG | other | other | other
fr | Secrétaire de direction | other | other | other
fr | Assistante commerciale | other | sales | other
fr | Alternant | other | other | student
fr | Alternante marketing | other | marketing | student
fr | Apprenti | other | other | student
fr | Étudiante | other | other | student
fr | Étudiant en commerce | other | other | student
fr | Stagiaire | other | other | student
fr | Stagiaire direction marketing | other | marketing | student
fr | Stagiaire auprès du directeur | other | other | student
fr | En alternance, chargé de communication | other | marketing | student
fr | Doctorante | other | other | student
fr | Lycéen | other | other | student
fr | Demandeur d'emploi | other | other | job seeker
fr | À la recherche d'un emploi | other | other | job seeker
fr | Ingénieure | other | other | other
fr | Comptable | other | other | other
fr | Attaché commercial | other | sales | other
fr | Infirmière | other | other | other
fr | Développeur | other | other | other
es | Director General | director | leadership | other
es | Consejera Delegada | director | leadership | other
es | Gerente General | director | leadership | other
es | Propietario | director | leadership | other
es | Socia Fundadora | director | leadership | other
es | Presidente | director | leadership | other
es | Secretario General | director | other | other
es | Directora de Asuntos Estudiantiles | director | other | other
es | Coordinador del Programa de Becas | manager | other | other
es | Jefe de Equipo | manager | other | other
es | Líder de Proyecto | manager | other | other
es | Asistente de Dirección | other | other | other
es | Asistente del Director General | other | other | other
es | Secretaria de Presidencia | other | other | other
es | Asistente de Gerencia General | other | other | other
es | Secretaria del Consejero Delegado | other | other | other
es | Estudiante | other | other | student
es | Estudiante de Marketing | other | marketing | student
es | Becaria | other | other | student
es | Becario de Ventas | other | sales | student
es | Practicante de Recursos Humanos | other | other | student
es | Pasante | other | other | student
es | Aprendiz | other | other | student
es | Doctoranda | other | other | student
es | Desempleado | other | other | job seeker
es | En búsqueda de empleo | other | other | job seeker
es | Buscando empleo | other | other | job seeker
es | Ingeniero | other | other | other
es | Contadora | other | other | other
es | Vendedor | other | sales | other
es | Enfermera | other | other | other
pt | Diretor Geral | director | leadership | other
pt | Sócia | director | leadership | other
pt | Proprietário | director | leadership | other
pt | Presidente | director | leadership | other
pt | Fundador e CEO | director | leadership | other
pt | Empresária | director | leadership | other
pt | Secretário-Geral | director | other | other
pt | Diretora de Assuntos Estudantis | director | other | other
pt | Coordenador do Programa de Estágio | manager | other | other
pt | Gestor de Sucesso do Aluno | manager | other | other
pt | Líder de equipe | manager | other | other
pt | Responsável Comercial | manager | sales | other
pt | Assistente da Diretoria | other | other | other
pt | Assistente do Diretor Geral | other | other | other
pt | Secretária Executiva | other | other | other
pt | Secretária da Presidência | other | other | other
pt | Secretária do Presidente | other | other | other
pt | Estudante | other | other | student
pt | Estudante de Direito | other | other | student
pt | Estagiária | other | other | student
pt | Estagiária de Marketing | other | marketing | student
pt | Jovem Aprendiz | other | other | student
pt | Aluna de doutorado | other | other | student
pt | Mestranda | other | other | student
pt | Desempregada | other | other | job seeker
pt | Em busca de emprego | other | other | job seeker
pt | À procura de emprego | other | other | job seeker
pt | Engenheira | other | other | other
pt | Contador | other | other | other
pt | Vendedora | other | sales | other
pt | Enfermeiro | other | other | other
"""
"""Language, title, seniority, function, persona. `-`: either way is arguable, and nothing is expected."""


def rows() -> list[tuple[str, ...]]:
    """Return every title once: language, title, seniority, function, persona, and where it comes from."""
    found = {
        (language, pattern.format(department)): (seniority, function, "other", "parts")
        for language, patterns in PATTERNS.items()
        for pattern, seniority in patterns
        for department, function in DEPARTMENTS[language]
    }
    for line in EXCEPTIONS.strip().splitlines():
        language, title, *expected = (part.strip() for part in line.split("|"))
        found[language, title] = (*expected, "checked")  # type: ignore[assignment]
    return [(*key, *expected) for key, expected in sorted(found.items())]


def main() -> None:
    """Write the file."""
    with FILE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("language", "title", "seniority", "function", "persona", "origin"))
        writer.writerows(rows())


if __name__ == "__main__":
    main()
