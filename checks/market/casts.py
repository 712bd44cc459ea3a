"""Invented people, companies and notes for the pictures, in each language."""

# ruff: noqa: RUF001 - names in their own letters


def _cast(text: str) -> tuple[tuple[str, ...], ...]:
    """Return people, companies and notes: three parts of a text, with a bar between two names."""
    parts = text.strip().split("\n\n")
    return tuple(tuple(map(str.strip, part.replace("\n", "|").split("|"))) for part in parts)


CASTS = {
    "en": _cast("""
        Grace Whitfield | Oliver Ashdown | Emily Carter | Henry Barlow
        Chloe Marlow | James Penrose | Alice Thornbury | Daniel Foxley

        Brightwater Physio | Cedar Lane Studios | Marlow & Finch

        Prefers mornings | Needs a ramp at the entrance | Call after 4 pm
        Two people, one appointment | Asked for Dr. Lane
    """),
    "de": _cast("""
        Lena Bergmann | Jonas Lindner | Greta Köhler | Felix Weißbach
        Anna Steinfeld | Moritz Haller | Clara Vogelsang | Paul Rietmüller

        Praxis am Lindenhof | Atelier Nordlicht | Haller & Partner

        Am liebsten vormittags | Braucht einen stufenlosen Zugang | Bitte nach 16 Uhr anrufen
        Zwei Personen, ein Termin | Möchte zu Frau Dr. Lang
    """),
    "la": _cast("""
        Lucía Peñalver | Mateo Quintero | Valeria Salvatierra | Andrés Ibarra
        Camila Montalvo | Diego Arrieta | Elena Robles | Tomás Urrutia

        Clínica Los Álamos | Estudio Marea | Arrieta y Robles

        Prefiere por la mañana | Necesita acceso sin escalones | Llamar después de las 16 h
        Dos personas, una cita | Pidió a la Dra. Luna
    """),
    "br": _cast("""
        Beatriz Araújo | Caio Figueira | Helena Castanho | Rafael Monteclaro
        Júlia Sampaio | André Valença | Marina Leitão | Bruno Serrano

        Clínica Jardim Azul | Estúdio Maré | Valença & Leitão

        Prefere de manhã | Precisa de acesso sem degraus | Ligar depois das 16h
        Duas pessoas, um horário | Pediu a Dra. Lima
    """),
    "fr": _cast("""
        Camille Lefèvre | Théo Dubreuil | Éloïse Garnier | Hugo Chevallier
        Maëlys Roussin | Louis Beaumarchais | Inès Valcourt | Jules Fontenay

        Cabinet des Tilleuls | Atelier Boréal | Valcourt et Fils

        Plutôt le matin | A besoin d’un accès sans marche | Appeler après 16 h
        Deux personnes, un rendez-vous | Souhaite voir le Dr Lange
    """),
    "pl": _cast("""
        Zofia Wiśniewska | Jakub Kaczmarek | Małgorzata Żakowska | Łukasz Dąbrowa
        Agnieszka Łuczak | Michał Sowiński | Hanna Brzozowska | Piotr Zieliński

        Gabinet pod Lipami | Studio Zorza | Sowiński i Wspólnicy

        Najchętniej rano | Potrzebuje wejścia bez schodów | Dzwonić po 16
        Dwie osoby, jeden termin | Prosi o dr Lange
    """),
    "it": _cast("""
        Giulia Rinaldi | Marco Bellandi | Chiara Fontanesi | Luca Serravalle
        Elisa Montorsi | Paolo Grimani | Sara Valdarno | Davide Orsini

        Studio Tigli | Atelier Aurora | Grimani e Figli

        Meglio al mattino | Serve un accesso senza gradini | Chiamare dopo le 16
        Due persone, un appuntamento | Vorrebbe la dott.ssa Longo
    """),
    "ar": _cast("""
        ليلى الحمدان | سامر النجار | هدى القاسم | يوسف البستاني
        مريم الشامي | كريم الدباغ | نور العطار | رامي الخياط

        عيادة الزيتون | استوديو الشفق | الدباغ وشركاه

        يفضل الصباح | يحتاج إلى مدخل بلا درج | الاتصال بعد الرابعة
        شخصان وموعد واحد | يطلب الدكتورة لانا
    """),
}
"""By the language codes of Bitrix24: people, companies, notes."""
